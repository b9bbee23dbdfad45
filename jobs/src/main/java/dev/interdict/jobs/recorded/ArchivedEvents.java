package dev.interdict.jobs.recorded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.storage.Column;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryException;
import dev.interdict.storage.RowSink;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Events of the archive as they were recorded, an hour after the other: within an hour the events
 * of each node in the order of their sequence.
 */
public final class ArchivedEvents {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter SQL_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSSSS").withZone(ZoneOffset.UTC);
  private static final Set<Field> TIMES =
      Set.of(Field.TIME, Field.GAP_FROM_TIME, Field.GAP_UNTIL_TIME);
  private static final int ADDRESS = 4; // node, epoch, sequence, raw

  private final Query query;
  private final Map<String, NodeId> nodes = new HashMap<>();
  private long gaps;

  /** Takes events in order. */
  @FunctionalInterface
  public interface Sink {
    void event(NodeEvent event) throws IOException;
  }

  /**
   * @param query stays the caller's
   */
  public ArchivedEvents(Query query) {
    this.query = query;
  }

  /** Gaps that {@link #read} has met: what was lost there cannot be judged. */
  public long gaps() {
    return gaps;
  }

  /**
   * @param kinds bitmap of those that are wanted; ticks and gaps come unasked
   * @return how many events there were
   */
  public long read(Instant from, Instant until, long kinds, Sink sink)
      throws QueryException, IOException {
    String range =
        "time >= TIMESTAMP_NS '%s' AND time < TIMESTAMP_NS '%s'"
            .formatted(SQL_TIME.format(from), SQL_TIME.format(until));
    List<String> hours = hours(from, until);
    long[] count = {0};
    for (String hour : hours) {
      query.run(
          "SELECT node, epoch, sequence, raw, "
              + columns()
              + " FROM events WHERE "
              + hour
              + " AND "
              + range
              + " AND kind IN ("
              + names(kinds)
              + ") ORDER BY node, epoch, sequence",
          new Rows() {
            @Override
            public void row(Object[] values) throws IOException {
              sink.event(event(values));
              count[0]++;
            }
          });
    }
    return count[0];
  }

  private List<String> hours(Instant from, Instant until) throws QueryException, IOException {
    List<String> hours = new ArrayList<>();
    query.run(
        "SELECT DISTINCT date, hour FROM events WHERE date >= '%s' AND date <= '%s' ORDER BY 1, 2"
            .formatted(day(from), day(until)),
        new Rows() {
          @Override
          public void row(Object[] values) {
            hours.add(
                "CAST(date AS VARCHAR) = '%s' AND CAST(hour AS VARCHAR) = '%s'"
                    .formatted(values[0], values[1]));
          }
        });
    return hours;
  }

  private static String day(Instant time) {
    return LocalDateTime.ofInstant(time, ZoneOffset.UTC).toLocalDate().toString();
  }

  private static String columns() {
    List<String> columns = new ArrayList<>();
    for (Field field : Field.values()) {
      columns.add('"' + field.dotted().replace('.', '_') + '"');
    }
    return String.join(", ", columns);
  }

  private static String names(long kinds) {
    long wanted = kinds | Kinds.bit(Kind.TICK) | Kinds.bit(Kind.GAP);
    List<String> names = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED && (wanted & Kinds.bit(kind)) != 0) {
        names.add(Kinds.name(kind.getNumber()));
      }
    }
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }

  private NodeEvent event(Object[] row) throws IOException {
    NodeId node = nodes.computeIfAbsent((String) row[0], NodeId::parse);
    Event event =
        row[3] == null
            ? EventJson.fromJson(json(row).toString())
            : Event.parseFrom(HexFormat.of().parseHex((String) row[3]));
    gaps += event.getKind() == Kind.GAP ? 1 : 0;
    return new NodeEvent(
        node,
        ((Number) row[1]).longValue(),
        ((Number) row[2]).longValue(),
        event.getTime(),
        event.getKindValue(),
        event.toByteArray());
  }

  private static ObjectNode json(Object[] row) {
    ObjectNode event = JSON.createObjectNode();
    for (Field field : Field.values()) {
      Object value = row[ADDRESS + field.ordinal()];
      if (value == null) {
        continue;
      }
      int dot = field.dotted().indexOf('.');
      ObjectNode group = dot < 0 ? event : event.withObject("/" + field.dotted().substring(0, dot));
      group.set(field.dotted().substring(dot + 1), value(field, value));
    }
    return event;
  }

  private static JsonNode value(Field field, Object value) {
    if (TIMES.contains(field)) {
      Instant time = Instant.parse((String) value);
      return JSON.getNodeFactory()
          .numberNode(time.getEpochSecond() * 1_000_000_000L + time.getNano());
    }
    return switch (field.type()) {
      case BOOL -> JSON.getNodeFactory().booleanNode((Boolean) value);
      case LONG -> JSON.getNodeFactory().numberNode(((Number) value).longValue());
      case STRING -> JSON.getNodeFactory().textNode((String) value);
      case LONGS -> {
        var list = JSON.createArrayNode();
        ((List<?>) value).forEach(item -> list.add(item == null ? 0 : ((Number) item).longValue()));
        yield list;
      }
      case STRINGS -> {
        var list = JSON.createArrayNode();
        ((List<?>) value).forEach(item -> list.add(item == null ? "" : (String) item));
        yield list;
      }
    };
  }

  private abstract static class Rows implements RowSink {
    @Override
    public void begin(List<Column> columns) {}

    @Override
    public void end() {}
  }
}
