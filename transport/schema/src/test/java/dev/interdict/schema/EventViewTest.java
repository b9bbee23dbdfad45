package dev.interdict.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EventViewTest {
  private final EventView view = new EventView();

  @Test
  void shouldReadWhatTheAgentWrote() {
    wrap(SampleEvents.exec());
    assertThat(view.time()).isEqualTo(SampleEvents.TIME);
    assertThat(view.kind()).isEqualTo(Kind.EXEC_VALUE);
    assertThat(view.string(Field.KIND)).isEqualTo("exec");
    assertThat(view.number(Field.RESULT)).isEqualTo(-13);
    assertThat(view.number(Field.PROCESS_ID)).isEqualTo(0xfedc_ba98_7654_3210L);
    assertThat(view.number(Field.PROCESS_START_TIME)).isEqualTo(987_654_321);
    assertThat(view.string(Field.PROCESS_EXE)).isEqualTo("/usr/bin/dash");
    assertThat(view.string(Field.PROCESS_NAME)).isEqualTo("dash");
    assertThat(view.strings(Field.PROCESS_ARGS)).containsExactly("sh", "-c", "", "echo ü");
    assertThat(view.string(Field.PROCESS_COMMAND_LINE)).isEqualTo("sh -c  echo ü");
    assertThat(view.string(Field.CONTAINER_IMAGE)).isEqualTo("shop:1");
    assertThat(view.string(Field.EXEC_STDIN)).isEqualTo("socket");
    assertThat(view.string(Field.EXEC_STDOUT)).isEqualTo("other");
    assertThat(view.has(Field.EXEC_STDERR)).isFalse();
    assertThat(view.flag(Field.EXEC_JUST_WRITTEN)).isTrue();
    assertThat(view.number(Field.EXEC_WRITER_ID)).isEqualTo(77);
  }

  @Test
  void shouldKeepTheListsOfAncestorsParallel() {
    wrap(SampleEvents.exec());
    assertThat(view.string(Field.PARENT_NAME)).isEqualTo("nginx");
    assertThat(view.string(Field.PARENT_COMMAND_LINE)).isEqualTo("nginx: worker");
    assertThat(view.number(Field.PARENT_PID)).isEqualTo(4200);
    assertThat(view.number(Field.PARENT_UID)).isEqualTo(33);
    assertThat(view.longs(Field.ANCESTOR_IDS)).containsExactly(2, 0, -1);
    assertThat(view.strings(Field.ANCESTOR_EXES))
        .containsExactly("/usr/sbin/nginx", "", "/sbin/init");
    assertThat(view.strings(Field.ANCESTOR_NAMES)).containsExactly("nginx", "", "init");
    assertThat(view.strings(Field.ANCESTOR_COMMAND_LINES)).containsExactly("nginx: worker", "", "");
  }

  @Test
  void shouldTellZeroFromAbsent() {
    wrap(SampleEvents.daemon());
    assertThat(view.has(Field.PROCESS_UID)).isTrue();
    assertThat(view.number(Field.PROCESS_UID)).isZero();
    assertThat(view.has(Field.EXIT_CODE)).isTrue();
    assertThat(view.has(Field.RESULT)).isTrue();
    assertThat(view.has(Field.PROCESS_TTY)).isFalse();
    assertThat(view.string(Field.PROCESS_TTY)).isNull();
    assertThat(view.length(Field.PROCESS_TTY)).isEqualTo(-1);
    assertThat(view.has(Field.PARENT_PID)).isFalse();
    assertThat(view.has(Field.CONTAINER_ID)).isFalse();
    assertThat(view.has(Field.EXEC_MEMFD)).isFalse();
    assertThat(view.string(Field.PROCESS_COMMAND_LINE)).isEqualTo("init");
    assertThat(view.string(Field.PROCESS_NAME)).isEqualTo("init");

    wrap(SampleEvents.tick());
    assertThat(view.has(Field.PROCESS_UID)).isFalse();
    assertThat(view.has(Field.PROCESS_ARGS)).isFalse();
    assertThat(view.strings(Field.ANCESTOR_EXES)).isEmpty();
  }

  @Test
  void shouldReadSocketsOfConnectAcceptAndDupAlike() {
    for (Event event : List.of(SampleEvents.connect(), SampleEvents.accept(), SampleEvents.dup())) {
      wrap(event);
      assertThat(view.string(Field.CONNECTION_REMOTE_ADDRESS)).isEqualTo("2001:db8::7");
      assertThat(view.number(Field.CONNECTION_REMOTE_PORT)).isEqualTo(443);
      assertThat(view.string(Field.CONNECTION_FAMILY))
          .isEqualTo(event.getKind() == Kind.ACCEPT ? "inet" : "inet6");
    }
    assertThat(view.string(Field.DUP_TYPE)).isEqualTo("socket");
    assertThat(view.string(Field.DUP_PATH)).isEqualTo("socket:[123]");
    assertThat(view.number(Field.DUP_FROM)).isEqualTo(5);
    assertThat(view.has(Field.DUP_TO)).isTrue();
  }

  @Test
  void shouldReadFilesExitsForksAndGaps() {
    wrap(SampleEvents.open());
    assertThat(view.string(Field.FILE_NAME)).isEqualTo("shadow");
    assertThat(view.number(Field.FILE_INODE)).isEqualTo(-2);
    assertThat(view.flag(Field.FILE_WATCHED)).isTrue();
    assertThat(view.flag(Field.FILE_WRITE)).isFalse();
    wrap(SampleEvents.exit());
    assertThat(view.number(Field.EXIT_CODE)).isEqualTo(-1);
    assertThat(view.has(Field.FILE_NAME)).isFalse();
    wrap(SampleEvents.fork());
    assertThat(view.number(Field.FORK_CHILD_ID)).isEqualTo(-5);
    wrap(SampleEvents.gap());
    assertThat(view.string(Field.GAP_REASON)).isEqualTo("ring_full");
    assertThat(view.string(Field.GAP_LANE)).isEqualTo("file");
    assertThat(view.number(Field.GAP_COUNT)).isEqualTo(12);
    assertThat(view.number(Field.GAP_FROM_TIME)).isEqualTo(SampleEvents.TIME - 5);
  }

  @Test
  void shouldGiveRawSlicesThatAreTheString() {
    for (Event event : SampleEvents.all()) {
      wrap(event);
      for (Field field : Field.values()) {
        if (field.type() == Field.Type.STRING && view.has(field)) {
          assertThat(
                  new String(
                      view.array(field),
                      view.start(field),
                      view.length(field),
                      StandardCharsets.UTF_8))
              .as(field.dotted())
              .isEqualTo(view.string(field));
        }
      }
    }
  }

  @Test
  void shouldSkipWhatItDoesNotKnow() {
    Event event =
        SampleEvents.open().toBuilder()
            .setUnknownFields(
                com.google.protobuf.UnknownFieldSet.newBuilder()
                    .addField(
                        15,
                        com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                            .addFixed32(1)
                            .addVarint(2)
                            .addFixed64(3)
                            .addLengthDelimited(com.google.protobuf.ByteString.copyFromUtf8("new"))
                            .build())
                    .build())
            .build();
    wrap(event);
    assertThat(view.string(Field.FILE_PATH)).isEqualTo("/etc/shadow");
    wrap(SampleEvents.tick().toBuilder().setKindValue(200).build());
    assertThat(view.kind()).isEqualTo(200);
    assertThat(view.string(Field.KIND)).isEqualTo("200");
  }

  @Test
  void shouldNameTheOffsetOfWhatIsMalformed() {
    byte[] bytes = SampleEvents.daemon().toByteArray();
    bytes[12] = 0x7f; // length of process
    assertThatThrownBy(() -> view.wrap(bytes, 0, bytes.length).number(Field.PROCESS_PID))
        .isInstanceOf(MalformedEventException.class)
        .hasMessageMatching("invalid length=127 limit=\\d+ offset=13");
  }

  @Test
  void shouldSurviveEveryTruncation() {
    for (Event event : SampleEvents.all()) {
      byte[] bytes = event.toByteArray();
      for (int length = 0; length < bytes.length; length++) {
        readAllOrRefuse(bytes, length);
      }
    }
  }

  @Test
  void shouldSurviveFlippedBits() {
    Random random = new Random(20260101);
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = SampleEvents.random(random).toByteArray();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        int bit = random.nextInt(8 * bytes.length);
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
      }
      readAllOrRefuse(bytes, bytes.length);
    }
  }

  @Test
  void shouldAgreeWithProtobufOnRandomEvents() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      Event event = SampleEvents.random(random);
      wrap(event);
      assertThat(view.time()).isEqualTo(event.getTime());
      assertThat(view.strings(Field.PROCESS_ARGS))
          .isEqualTo(List.copyOf(event.getProcess().getArgsList()));
      String joined = String.join(" ", event.getProcess().getArgsList());
      assertThat(view.string(Field.PROCESS_COMMAND_LINE))
          .isEqualTo(joined.isEmpty() ? null : joined);
      assertThat(view.longs(Field.ANCESTOR_IDS))
          .isEqualTo(
              event.getProcess().getAncestorsList().stream().mapToLong(Ancestor::getId).toArray());
      assertThat(view.number(Field.PROCESS_UID)).isEqualTo(event.getProcess().getUid());
    }
  }

  @Test
  void shouldNotAllocate() {
    byte[][] events = SampleEvents.all().stream().map(Event::toByteArray).toArray(byte[][]::new);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (int round = 0; round < 200; round++) {
      sum += touchAll(events);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int round = 0; round < 2_000; round++) {
      sum += touchAll(events);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(sum).isNotZero();
    assertThat(allocated).as("bytes for %d events", 2_000 * events.length).isLessThan(4_096);
  }

  private long touchAll(byte[][] events) {
    long sum = 0;
    for (byte[] event : events) {
      view.wrap(event, 0, event.length);
      for (Field field : FIELDS) {
        if (view.has(field)) {
          sum +=
              switch (field.type()) {
                case STRING -> view.start(field) + view.length(field) + view.array(field).length;
                case STRINGS -> view.start(field, 0) + view.length(field, view.count(field) - 1);
                case LONGS -> view.number(field, 0);
                default -> view.number(field);
              };
        }
      }
    }
    return sum;
  }

  private static final Field[] FIELDS = Field.values();

  private void readAllOrRefuse(byte[] bytes, int length) {
    try {
      view.wrap(bytes, 0, length);
    } catch (MalformedEventException e) {
      return;
    }
    for (Field field : FIELDS) {
      try {
        switch (field.type()) {
          case STRING -> view.string(field);
          case STRINGS -> view.strings(field);
          case LONGS -> view.longs(field);
          default -> view.number(field);
        }
      } catch (MalformedEventException e) {
        assertThat(e.offset()).isBetween(0, length);
      }
    }
  }

  private void wrap(Event event) {
    byte[] bytes = event.toByteArray();
    byte[] padded = new byte[bytes.length + 20];
    System.arraycopy(bytes, 0, padded, 9, bytes.length);
    view.wrap(padded, 9, bytes.length);
  }
}
