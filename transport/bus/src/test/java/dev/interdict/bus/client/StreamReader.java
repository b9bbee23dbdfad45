package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Consumes a stream as a job does, and checks what must hold of any. */
final class StreamReader {
  private static final long PATIENCE_SECONDS = 20;

  private final EventStream stream;
  final List<Long> sequences = new ArrayList<>();
  final List<Event> gaps = new ArrayList<>();
  final List<Long> epochs = new ArrayList<>();
  volatile long covered; // one thread reads, others may look how far it is
  long clock;

  StreamReader(EventStream stream) {
    this.stream = stream;
  }

  /** Until the stream has come so far in the epoch it is in then. */
  void readTo(long sequence) throws Exception {
    while (covered < sequence) {
      readBatch();
    }
  }

  void readToEnd() throws Exception {
    while (stream.end() == null) {
      EventBatch batch = stream.poll();
      if (batch != null) {
        take(batch);
      } else if (stream.end() == null) {
        await();
      }
    }
  }

  void readBatch() throws Exception {
    EventBatch batch = stream.poll();
    while (batch == null) {
      await();
      assertThat(stream.end()).isNull();
      batch = stream.poll();
    }
    take(batch);
  }

  private void await() throws InterruptedException, ExecutionException {
    try {
      stream.available().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came, resume=" + stream.resume(), e);
    }
  }

  private void take(EventBatch batch) throws IOException {
    if (epochs.isEmpty() || epochs.get(epochs.size() - 1) != batch.epoch()) {
      epochs.add(batch.epoch());
      covered = batch.firstSequence() - 1;
    }
    assertThat(batch.firstSequence()).isEqualTo(covered + 1);
    assertThat(batch.lastSequence()).isGreaterThanOrEqualTo(batch.firstSequence());
    long last = covered;
    while (batch.next()) {
      assertThat(batch.sequence()).isGreaterThan(last).isLessThanOrEqualTo(batch.lastSequence());
      last = batch.sequence();
      Event event =
          Event.parseFrom(
              CodedInputStream.newInstance(batch.array(), batch.offset(), batch.length()));
      assertThat(event.getKindValue()).isEqualTo(batch.kind());
      assertThat(event.getTime()).isEqualTo(batch.time());
      if (event.getKind() == Kind.GAP) {
        gaps.add(event);
      } else {
        assertThat(event.getOpen().getPath()).isEqualTo(TestNode.text(batch.sequence()));
        sequences.add(batch.sequence());
      }
    }
    covered = batch.lastSequence();
    assertThat(batch.lastTime()).isGreaterThanOrEqualTo(clock);
    clock = batch.lastTime();
    assertThat(stream.resume().sequence()).isEqualTo(covered + 1);
  }
}
