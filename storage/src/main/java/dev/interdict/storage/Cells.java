package dev.interdict.storage;

import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.duckdb.JsonNode;

/**
 * Values of the SQL engine as the few kinds that {@link RowSink} knows. Times are ISO 8601 in UTC.
 */
final class Cells {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

  private Cells() {}

  static Object read(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    // By way of the machine's own zone an hour of the year would be shifted.
    return value instanceof Timestamp
        ? time(rows.getObject(column, LocalDateTime.class))
        : of(value);
  }

  private static Object of(Object value) throws SQLException {
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Timestamp time) {
      return time(time.toLocalDateTime());
    }
    if (value instanceof OffsetDateTime time) {
      return time(time.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
    }
    if (value instanceof Array array) {
      List<Object> list = new ArrayList<>();
      for (Object element : (Object[]) array.getArray()) {
        list.add(of(element));
      }
      return list;
    }
    if (value instanceof DuckDBStruct struct) {
      return map(struct.getMap());
    }
    if (value instanceof Map<?, ?> map) {
      return map(map);
    }
    if (value instanceof Blob blob) {
      return HexFormat.of().formatHex(blob.getBytes(1, Math.toIntExact(blob.length())));
    }
    if (value instanceof JsonNode json) {
      return json.toString();
    }
    return value.toString();
  }

  private static Map<String, Object> map(Map<?, ?> map) throws SQLException {
    Map<String, Object> cells = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      cells.put(String.valueOf(of(entry.getKey())), of(entry.getValue()));
    }
    return cells;
  }

  /** With as many of the nine digits of the fraction, in threes, as are not zero. */
  private static String time(LocalDateTime time) {
    String seconds = TIME.format(time);
    int nanos = time.getNano();
    if (nanos == 0) {
      return seconds + "Z";
    }
    String digits = String.format("%09d", nanos);
    int kept = nanos % 1_000_000 == 0 ? 3 : nanos % 1_000 == 0 ? 6 : 9;
    return seconds + "." + digits.substring(0, kept) + "Z";
  }
}
