package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.record.Flight.Read;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecorderTest {
  @TempDir Path directory;

  @Test
  void shouldReplayTheSameEventsFromAnyPosition() throws IOException {
    Flight flight = new Flight(1);
    try (Recorder recorder = open(4_096)) {
      flight.record(recorder, 60);
      List<Read> written = flight.written();
      for (int from = 0; from < written.size(); from += 41) {
        try (RecorderReader reader =
            recorder.reader(position(recorder, written.get(from).sequence()), Kinds.ALL)) {
          assertThat(Flight.drain(reader)).isEqualTo(written.subList(from, written.size()));
        }
      }
    }
  }

  @Test
  void shouldGoFromHistoryToLiveWithoutHoleOrDouble() throws IOException {
    Flight flight = new Flight(2);
    List<Read> read = new ArrayList<>();
    try (Recorder recorder = open(8_192);
        RecorderReader reader = recorder.reader(position(recorder, 1), Kinds.ALL)) {
      for (int round = 0; round < 50; round++) {
        flight.record(recorder, 1 + round % 3);
        read.addAll(Flight.drain(reader));
        assertThat(reader.resume().sequence()).isEqualTo(recorder.lastSequence() + 1);
      }
    }
    assertThat(read).isEqualTo(flight.written());
  }

  @Test
  void shouldShowNothingBeforeTheFlush() throws IOException {
    Flight flight = new Flight(3);
    int[] woken = {0};
    try (Recorder recorder = open(1 << 20);
        RecorderReader reader = recorder.readerFromHead(Kinds.ALL)) {
      Runnable remove = recorder.onFlush(() -> woken[0]++);
      flight.append(recorder, 0, 100);
      assertThat(reader.next()).isFalse();
      assertThat(recorder.lastSequence()).isZero();
      recorder.flush();
      assertThat(reader.next()).isTrue();
      assertThat(reader.frames()).isEqualTo(1);
      assertThat(recorder.lastSequence()).isEqualTo(1);
      remove.run();
      flight.record(recorder, 1);
      assertThat(woken[0]).isEqualTo(1);
    }
  }

  @Test
  void shouldGoOnWithTheEpochAfterACleanStop() throws IOException {
    Flight flight = new Flight(4);
    long epoch;
    NodeId node;
    try (Recorder recorder = open(4_096)) {
      epoch = recorder.epoch();
      node = recorder.node();
      flight.record(recorder, 20);
    }
    try (Recorder recorder = open(4_096)) {
      assertThat(recorder.epoch()).isEqualTo(epoch);
      assertThat(recorder.node()).isEqualTo(node);
      flight.record(recorder, 20);
      try (RecorderReader reader = recorder.reader(position(recorder, 1), Kinds.ALL)) {
        assertThat(Flight.drain(reader)).isEqualTo(flight.written());
      }
    }
  }

  @Test
  void shouldRefuseTwoRecordersInOneDirectory() throws IOException {
    try (Recorder recorder = open(4_096)) {
      assertThat(recorder.lastSequence()).isZero();
      assertThatThrownBy(() -> open(4_096)).hasMessageStartingWith("recorder is in use");
    }
  }

  @Test
  void shouldRefuseAnotherNodesDirectory() throws IOException {
    open(4_096).close();
    NodeId other = NodeId.random();
    assertThatThrownBy(() -> Recorder.open(RecorderConfig.of(directory).withNode(other)))
        .hasMessageStartingWith("recorder belongs to another node");
  }

  @Test
  void shouldGiveFramesUntouchedWhereAllOfThemIsWanted() throws IOException {
    Flight flight = new Flight(5);
    try (Recorder recorder = open(1 << 20)) {
      flight.record(recorder, 30);
      long files = Kinds.bit(Kind.OPEN);
      int frames = 0;
      try (RecorderReader reader = recorder.reader(position(recorder, 1), files)) {
        while (reader.next()) {
          for (int i = 0; i < reader.frames(); i++) {
            FrameHeader header =
                new FrameHeader().wrap(reader.frame(i), reader.frame(i).position());
            assertThat(header.kinds()).isEqualTo(files);
            assertThat(header.flags() & FrameHeader.FLAG_FILTERED).isZero();
            frames++;
          }
        }
      }
      assertThat(frames).isPositive();
    }
  }

  @Test
  void shouldRebuildFramesThatHoldMoreThanIsWanted() throws IOException {
    Flight flight = new Flight(6);
    long wanted = Kinds.bit(Kind.EXEC) | Kinds.bit(Kind.ACCEPT);
    try (Recorder recorder = open(4_096)) {
      flight.record(recorder, 60);
      for (int from = 1; from < recorder.lastSequence(); from += 61) {
        long start = from;
        try (RecorderReader reader = recorder.reader(position(recorder, from), wanted)) {
          assertThat(Flight.drain(reader))
              .isEqualTo(
                  flight.written().stream()
                      .filter(e -> e.sequence() >= start && (1L << e.kind() & wanted) != 0)
                      .toList());
          assertThat(reader.resume().sequence()).isEqualTo(recorder.lastSequence() + 1);
        }
      }
    }
  }

  @Test
  void shouldTellHowFarItIsWhenNothingIsWanted() throws IOException {
    try (Recorder recorder = open(1 << 20);
        RecorderReader reader = recorder.readerFromHead(Kinds.bit(Kind.EXEC))) {
      Random random = new Random(7);
      byte[] open = Entries.entry(Flight.START, Kind.OPEN_VALUE, 50, random);
      recorder.append(2, open, 0, open.length);
      recorder.append(2, open, 0, open.length);
      recorder.flush();
      assertThat(reader.next()).isTrue();
      assertThat(reader.frames()).isZero();
      assertThat(reader.firstSequence()).isEqualTo(1);
      assertThat(reader.lastSequence()).isEqualTo(2);
      assertThat(reader.time()).isEqualTo(Flight.START);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void shouldStartAtATime() throws IOException {
    Flight flight = new Flight(8);
    try (Recorder recorder = open(4_096)) {
      flight.record(recorder, 80);
      List<Read> written = flight.written();
      for (int from = 0; from < written.size(); from += 67) {
        long time = written.get(from).time() - Flight.STEP / 2;
        try (RecorderReader reader = recorder.readerFromTime(time, Kinds.ALL)) {
          assertThat(Flight.drain(reader)).isEqualTo(written.subList(from, written.size()));
        }
      }
      try (RecorderReader reader = recorder.readerFromTime(Long.MAX_VALUE, Kinds.ALL)) {
        assertThat(Flight.drain(reader)).isEmpty();
      }
    }
  }

  @Test
  void shouldRefuseAPositionAheadOfIt() throws IOException {
    try (Recorder recorder = open(4_096)) {
      assertThatThrownBy(() -> recorder.reader(position(recorder, 2), Kinds.ALL))
          .hasMessage("position is ahead of the recorder: sequence=2 head=0");
      Position later = new Position(recorder.node(), recorder.epoch() + 1, 1);
      assertThatThrownBy(() -> recorder.reader(later, Kinds.ALL))
          .hasMessageStartingWith("position is ahead of the recorder: epoch=");
    }
  }

  @Test
  void shouldSplitABatchThatNoFrameCanHold() throws IOException {
    Flight flight = new Flight(9);
    try (Recorder recorder = open(64 << 20)) {
      for (int i = 0; i < 40; i++) {
        flight.append(recorder, i % 3, FrameHeader.MAX_EVENT_LENGTH - i);
      }
      recorder.flush();
      try (RecorderReader reader = recorder.reader(position(recorder, 1), Kinds.ALL)) {
        assertThat(Flight.drain(reader)).isEqualTo(flight.written());
      }
    }
  }

  @Test
  void shouldTellAnOversizeEventAsAGap() throws IOException {
    try (Recorder recorder = open(4_096)) {
      byte[] large = new byte[FrameHeader.MAX_EVENT_LENGTH + 1];
      recorder.append(2, large, 0, large.length);
      recorder.flush();
      assertThat(Gaps.read(recorder, Kinds.bit(Kind.EXEC)))
          .singleElement()
          .satisfies(gap -> assertThat(gap.getReason().name()).isEqualTo("OVERSIZE"));
      assertThat(recorder.lost()).isEqualTo(1);
    }
  }

  @Test
  void shouldReadWhileItIsWritten() throws Exception {
    Flight flight = new Flight(10);
    List<Read> read = new ArrayList<>();
    try (Recorder recorder = open(16_384)) {
      Thread reading =
          new Thread(
              () -> {
                try (RecorderReader reader = recorder.reader(position(recorder, 1), Kinds.ALL)) {
                  while (reader.resume().sequence() <= 3_000) {
                    read.addAll(Flight.drain(reader));
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      reading.start();
      while (flight.written().size() < 3_000) {
        flight.record(recorder, 1);
      }
      reading.join();
    }
    assertThat(read).isEqualTo(flight.written().subList(0, read.size()));
    assertThat(read).hasSizeGreaterThanOrEqualTo(3_000);
  }

  @Test
  void shouldNotAllocatePerEvent() throws IOException {
    Random random = new Random(11);
    byte[] event = Entries.entry(Flight.START, Kind.EXEC_VALUE, 300, random);
    try (Recorder recorder = open(64 << 20)) {
      long allocated =
          Allocation.of(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  recorder.append(i % 3, event, 0, event.length);
                  if (i % 1_000 == 999) {
                    recorder.flush();
                  }
                }
              });
      assertThat(allocated).as("bytes for 10,000 events and 30 frames").isLessThan(40_000);
    }
  }

  private Recorder open(long segmentBytes) throws IOException {
    return Recorder.open(RecorderConfig.of(directory).withSegmentBytes(segmentBytes));
  }

  private static Position position(Recorder recorder, long sequence) {
    return new Position(recorder.node(), recorder.epoch(), sequence);
  }
}
