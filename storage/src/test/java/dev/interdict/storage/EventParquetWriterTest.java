package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Fd;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventParquetWriterTest {
  @TempDir private Path data;

  @Test
  void shouldGiveBackEveryFieldOfEveryKind() throws Exception {
    List<Event> events = SampleEvents.full();
    ArchiveFixture.write(data, "full", events);
    List<Map<String, Object>> rows = Answer.to(data, "SELECT * FROM events ORDER BY sequence").rows;

    assertThat(rows).hasSameSizeAs(events);
    Set<Field> seen = EnumSet.noneOf(Field.class);
    EventView view = new EventView();
    for (int i = 0; i < events.size(); i++) {
      byte[] encoded = events.get(i).toByteArray();
      view.wrap(encoded, 0, encoded.length);
      Map<String, Object> row = rows.get(i);
      assertThat(row)
          .containsEntry("node", ArchiveFixture.NODE)
          .containsEntry("epoch", 2L)
          .containsEntry("sequence", (long) i + 1)
          .containsEntry("raw", null);
      for (Field field : Field.values()) {
        Object expected = view.has(field) ? value(view, field) : null;
        assertThat(row.get(EventColumns.name(field)))
            .as("%s of %s", field, events.get(i).getKind())
            .isEqualTo(expected);
        if (expected != null) {
          seen.add(field);
        }
      }
    }
    assertThat(seen)
        .as("a field that no sample has proves nothing")
        .containsExactly(Field.values());
    Set<Kind> kinds = EnumSet.allOf(Kind.class);
    kinds.removeAll(Set.of(Kind.KIND_UNSPECIFIED, Kind.UNRECOGNIZED));
    assertThat(events).extracting(Event::getKind).containsExactlyInAnyOrderElementsOf(kinds);
  }

  @Test
  void shouldGiveBackWhatNoFieldNames() throws Exception {
    List<Event> events = SampleEvents.full();
    ArchiveFixture.write(data, "full", events);
    Event exec = events.get(0);
    Map<String, Object> row =
        Answer.to(data, "SELECT * FROM events WHERE kind = 'exec'").rows.get(0);

    List<Ancestor> ancestors = exec.getProcess().getAncestorsList();
    assertThat(row)
        .containsEntry("process_args_truncated", true)
        .containsEntry("ancestors_pid", ancestors.stream().map(a -> (long) a.getPid()).toList())
        .containsEntry("ancestors_uid", ancestors.stream().map(a -> (long) a.getUid()).toList())
        .containsEntry(
            "ancestors_start_time", ancestors.stream().map(Ancestor::getStartTime).toList());
    assertThat((List<?>) row.get("exec_fds"))
        .hasSize(4)
        .zipSatisfy(
            exec.getExec().getFdsList(),
            (column, fd) -> {
              Map<?, ?> struct = (Map<?, ?>) column;
              assertThat(struct.get("number")).isEqualTo((long) fd.getNumber());
              assertThat(struct.get("type")).isEqualTo(fd.getType().name().toLowerCase());
              assertThat(struct.get("path")).isEqualTo(fd.getPath());
              boolean socket = fd.getType() == Fd.Type.SOCKET;
              assertThat(struct.get("family")).isEqualTo(socket ? "inet6" : null);
              assertThat(struct.get("protocol")).isEqualTo(socket ? "tcp" : null);
              assertThat(struct.get("local_address")).isEqualTo(socket ? "fd00::1" : null);
              assertThat(struct.get("local_port")).isEqualTo(socket ? 8080L : null);
              assertThat(struct.get("remote_address")).isEqualTo(socket ? "2001:db8::7" : null);
              assertThat(struct.get("remote_port")).isEqualTo(socket ? 4444L : null);
            });
    assertThat(Answer.to(data, "SELECT file_device FROM events WHERE kind = 'open'").only())
        .isEqualTo(0xfffffffdL);
  }

  @Test
  void shouldKeepTheBytesOfAnEventThatColumnsCannotCarry() throws Exception {
    Event plain = SampleEvents.full().get(0);
    byte[] newer = SampleEvents.withUnknownField(plain);
    byte[] strangeKind =
        Event.newBuilder().setTime(SampleEvents.START).setKindValue(61).build().toByteArray();
    byte[] otherNumber =
        SampleEvents.full().stream()
            .filter(e -> e.getKind() == Kind.DUP)
            .findFirst()
            .map(e -> e.toBuilder())
            .map(
                e -> {
                  e.getDupBuilder().getFdBuilder().setNumber(5);
                  return e.build().toByteArray();
                })
            .orElseThrow();
    byte[] damaged = Arrays.copyOf(plain.toByteArray(), 60);
    ArchiveFixture.writeEncoded(
        data, "odd", List.of(newer, strangeKind, otherNumber, damaged, plain.toByteArray()));

    List<Map<String, Object>> rows =
        Answer.to(data, "SELECT kind, process_exe, raw FROM events ORDER BY sequence").rows;
    assertThat(rows)
        .extracting(row -> row.get("raw"))
        .containsExactly(hex(newer), hex(strangeKind), hex(otherNumber), hex(damaged), null);
    assertThat(rows)
        .extracting(row -> row.get("kind"))
        .containsExactly("exec", "61", "dup", "exec", "exec");
    assertThat(rows.get(0)).containsEntry("process_exe", plain.getProcess().getExe());
    assertThat(rows.get(3)).containsEntry("process_exe", null);
  }

  @Test
  void shouldStayReadableWhenATextIsNotUtf8() throws Exception {
    byte[] encoded = SampleEvents.full().get(3).toByteArray();
    int at =
        new String(encoded, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("/etc/shadow");
    encoded[at + 5] = (byte) 0xff;
    ArchiveFixture.writeEncoded(data, "bad", List.of(encoded));
    assertThat(Answer.to(data, "SELECT file_path FROM events").only())
        .isEqualTo("/etc/\ufffdhadow");
  }

  @Test
  void shouldRefuseBytesTooShortForAnEvent() throws IOException {
    EventParquetWriter writer = EventParquetWriter.open(OutputStream.nullOutputStream());
    assertThatThrownBy(() -> writer.append(1, 2, 3, 44, new byte[10], 0, 10))
        .isInstanceOf(IOException.class)
        .hasMessage("event without time and kind: sequence=44 length=10");
  }

  @Test
  void shouldNeedNoHadoop() {
    assertThatThrownBy(() -> Class.forName("org.apache.hadoop.conf.Configuration"))
        .as("the tests of this module run without it on purpose")
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void shouldLeaveTheStreamToItsOwner() throws IOException {
    Path file = data.resolve("file");
    try (OutputStream out = Files.newOutputStream(file)) {
      EventParquetWriter writer = EventParquetWriter.open(out);
      byte[] event = SampleEvents.full().get(0).toByteArray();
      writer.append(1, 2, 3, 4, event, 0, event.length);
      assertThat(writer.rows()).isEqualTo(1);
      assertThat(writer.dataSize()).isPositive();
      writer.finish();
      out.write('x');
    }
    assertThat(Files.readAllBytes(file)).endsWith('P', 'A', 'R', '1', 'x');
  }

  private static Object value(EventView event, Field field) {
    return switch (field.type()) {
      case BOOL -> event.flag(field);
      case LONG -> number(field, event.number(field));
      case STRING -> event.string(field);
      case STRINGS -> event.strings(field);
      case LONGS -> {
        List<Object> numbers = new ArrayList<>();
        for (long number : event.longs(field)) {
          numbers.add(number(field, number));
        }
        yield numbers;
      }
    };
  }

  private static Object number(Field field, long value) {
    if (EventColumns.TIMES.contains(field)) {
      return Instant.ofEpochSecond(0, value).toString();
    }
    return EventColumns.isId(field) ? new BigInteger(Long.toUnsignedString(value)) : (Object) value;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
