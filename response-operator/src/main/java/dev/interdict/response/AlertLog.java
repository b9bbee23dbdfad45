package dev.interdict.response;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Kind;
import dev.interdict.schema.ResponseEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alerts, decisions and what came of them, in a recorder of one lane. One thread.
 *
 * <p>An alert, the decision about it and the intent to act are one entry: one write and one sync
 * make all three durable, where a log of alerts and another of intents would need two in a row.
 */
final class AlertLog implements AutoCloseable {
  /** A recorder takes 256 KiB; the rest of the entry is small. */
  static final int MAX_ALERT_BYTES = 240 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(AlertLog.class);
  private static final int LANE = 0;
  private static final long ALL_KINDS = -1;
  private static final long SEGMENT_BYTES = 8 << 20;
  private static final RecorderConfig.Retention RETENTION =
      new RecorderConfig.Retention(1L << 30, Duration.ofDays(400));

  /**
   * Longer than the oldest alert that a policy may act upon and the longest ttl, one after the
   * other.
   */
  static final Duration REPLAYED = Duration.ofDays(15);

  private final Recorder recorder;

  private AlertLog(Recorder recorder) {
    this.recorder = recorder;
  }

  static AlertLog open(Path directory) throws IOException {
    return new AlertLog(
        Recorder.open(
            RecorderConfig.ofLog(directory)
                .withSegmentBytes(SEGMENT_BYTES)
                .withRetention(0, RETENTION)));
  }

  /** Puts into the ledger what was written since {@link #REPLAYED} ago. */
  void replay(Ledger ledger, long now) throws IOException {
    long from = Math.max(0, now - REPLAYED.toNanos());
    long orphans = 0;
    try (RecorderReader reader = recorder.readerFromTime(from, ALL_KINDS);
        FrameDecoder frame = new FrameDecoder()) {
      while (reader.next()) {
        for (int i = 0; i < reader.frames(); i++) {
          frame.wrap(reader.frame(i));
          while (frame.next()) {
            if (frame.kind() == Kind.GAP_VALUE) {
              LOG.info("the alert log has a gap at sequence={}", frame.sequence());
            } else if (frame.kind() != ResponseEntry.Kind.STARTED_VALUE && !replay(ledger, frame)) {
              orphans++;
            }
          }
        }
      }
    }
    if (orphans > 0) {
      LOG.warn("{} entries of the alert log continue containments that are not in it", orphans);
    }
  }

  /** Durable on return. */
  void started(List<String> policies, long now) throws IOException {
    byte[] bytes =
        ResponseEntry.newBuilder()
            .setTime(now)
            .setKind(ResponseEntry.Kind.STARTED)
            .setReason("policies " + String.join(", ", policies))
            .build()
            .toByteArray();
    recorder.append(LANE, bytes, 0, bytes.length);
    recorder.sync();
  }

  /** Durable after the next sync. */
  void standing(Standing standing, long now) {
    byte[] bytes =
        ResponseEntry.newBuilder()
            .setTime(now)
            .setKind(ResponseEntry.Kind.STANDING)
            .setStanding(standing.orders())
            .build()
            .toByteArray();
    recorder.append(LANE, bytes, 0, bytes.length);
  }

  /** Durable after the next sync. */
  void decision(ContainmentRecord record, long now) {
    append(record, ResponseEntry.Kind.DECISION, now);
  }

  /**
   * Durable soon, by the recorder's group commit. To lose it is harmless: an intent without its
   * result is carried out again under the same command id, which the node answers without
   * repeating.
   */
  void change(ContainmentRecord record, long now) {
    append(record, ResponseEntry.Kind.CHANGE, now);
    recorder.flush();
  }

  void sync() throws IOException {
    recorder.sync();
  }

  @Override
  public void close() throws IOException {
    recorder.close();
  }

  /**
   * The alert, or where it is too large for an entry, the alert without the bodies of its largest
   * evidence: their positions remain, the events stand in the node's recorder.
   */
  static Alert fitting(Alert alert) {
    if (alert.getSerializedSize() <= MAX_ALERT_BYTES) {
      return alert;
    }
    Alert.Builder slim = alert.toBuilder();
    while (slim.build().getSerializedSize() > MAX_ALERT_BYTES) {
      int largest = -1;
      for (int i = 0; i < slim.getEvidenceCount(); i++) {
        if (slim.getEvidence(i).hasEvent()
            && (largest < 0
                || slim.getEvidence(i).getSerializedSize()
                    > slim.getEvidence(largest).getSerializedSize())) {
          largest = i;
        }
      }
      if (largest < 0) {
        throw new IllegalArgumentException(
            "invalid alert.size=" + alert.getSerializedSize() + " limit=" + MAX_ALERT_BYTES);
      }
      slim.getEvidenceBuilder(largest).clearEvent();
    }
    return slim.build();
  }

  private void append(ContainmentRecord record, ResponseEntry.Kind kind, long now) {
    byte[] bytes = LogEntries.entry(record, kind, now).toByteArray();
    recorder.append(LANE, bytes, 0, bytes.length);
  }

  private static boolean replay(Ledger ledger, FrameDecoder frame) throws IOException {
    ResponseEntry entry;
    try {
      entry =
          ResponseEntry.parseFrom(ByteBuffer.wrap(frame.array(), frame.offset(), frame.length()));
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("entry of the alert log at sequence=" + frame.sequence(), e);
    }
    if (entry.hasStanding()) {
      ledger.put(new Standing(entry.getStanding()));
      return true;
    }
    if (entry.hasAlert()) {
      ledger.put(LogEntries.record(entry, entry.getAlert()));
      return true;
    }
    ContainmentRecord before = ledger.get(entry.getId());
    if (before == null) {
      return false;
    }
    ledger.put(LogEntries.record(entry, before.alert()));
    return true;
  }
}
