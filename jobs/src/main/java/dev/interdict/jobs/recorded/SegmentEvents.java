package dev.interdict.jobs.recorded;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.BatchMerge;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A recorder's directory, or a copy of one. */
final class SegmentEvents implements RecordedEvents {
  private final OfflineRecorder recorder;
  private final RecorderReader reader;
  private final BatchMerge merge = new BatchMerge();
  private boolean inBatch;
  private long records;
  private long gaps;

  SegmentEvents(Path directory) throws IOException {
    try {
      recorder = OfflineRecorder.open(directory);
    } catch (IllegalArgumentException e) {
      throw new IOException(directory + ": " + e.getMessage(), e);
    }
    reader = recorder.isEmpty() ? null : recorder.reader(Long.MIN_VALUE, Kinds.ALL);
  }

  @Override
  public NodeEvent next() throws IOException {
    while (reader != null) {
      if (inBatch && merge.next()) {
        return event(merge.event());
      }
      if (!reader.next()) {
        return null;
      }
      merge.wrap(reader);
      inBatch = true;
    }
    return null;
  }

  private NodeEvent event(FrameDecoder event) {
    records++;
    if (event.kind() == Kind.GAP_VALUE) {
      gaps++;
    }
    return new NodeEvent(
        recorder.node(),
        event.header().epoch(),
        event.sequence(),
        event.time(),
        event.kind(),
        Arrays.copyOfRange(event.array(), event.offset(), event.offset() + event.length()));
  }

  @Override
  public long records() {
    return records;
  }

  @Override
  public long ignored() {
    return 0;
  }

  @Override
  public long gaps() {
    return gaps;
  }

  @Override
  public void close() throws IOException {
    merge.close();
    if (reader != null) {
      reader.close();
    }
  }
}
