package dev.interdict.record;

import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A durable list of opaque entries in a recorder of its own, such as the alert log. Each is kept as
 * an event with nothing but time, kind and one field that no event has, so that frames, recovery
 * and the recorder's tools are the same. Any thread.
 */
public final class RecordLog implements AutoCloseable {
  public static final int MAX_PAYLOAD_LENGTH = FrameHeader.MAX_EVENT_LENGTH - 64;

  /** Kinds of entries are the owner's, below those that the recorder itself writes. */
  public static final int MAX_KIND = 61;

  private static final int LANE = 0;
  private static final byte PAYLOAD_TAG = 15 << 3 | 2;
  private static final int PAYLOAD_LENGTH_OFFSET = EventPrefix.LENGTH + 1;

  private final Recorder recorder;
  private final ByteBuffer entry = ByteBuffer.allocate(FrameHeader.MAX_EVENT_LENGTH);

  /**
   * @param kind of the entry, as its owner numbers them
   */
  public record Entry(Position position, long time, int kind, byte[] payload) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Entry that
          && position.equals(that.position)
          && time == that.time
          && kind == that.kind
          && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
      return position.hashCode();
    }
  }

  private RecordLog(Recorder recorder) {
    this.recorder = recorder;
  }

  public static RecordLog open(Path directory) throws IOException {
    return new RecordLog(Recorder.open(RecorderConfig.ofLog(directory)));
  }

  /** The recorder beneath, for readers and listeners. Nothing may be appended to it directly. */
  public Recorder recorder() {
    return recorder;
  }

  /** Visible after the next sync. */
  public synchronized Position append(long time, int kind, byte[] payload) {
    if (kind < 0 || kind > MAX_KIND) {
      throw new IllegalArgumentException("invalid kind=" + kind + " limit=" + MAX_KIND);
    }
    if (payload.length > MAX_PAYLOAD_LENGTH) {
      throw new IllegalArgumentException(
          "invalid payloadLength=" + payload.length + " limit=" + MAX_PAYLOAD_LENGTH);
    }
    EventPrefix.put(entry.clear(), time, kind);
    entry.put(PAYLOAD_TAG);
    Varints.put(entry, payload.length);
    entry.put(payload).flip();
    long sequence = recorder.append(LANE, entry, 0, entry.limit());
    return new Position(recorder.node(), recorder.epoch(), sequence);
  }

  /** Returns when all entries so far are on the disk. If it throws, they may not be. */
  public synchronized void sync() throws IOException {
    recorder.sync();
  }

  /** Entries from there on in order; null: all. Returns where to go on later. */
  public Position read(Position from, Consumer<Entry> consumer) throws IOException {
    try (RecorderReader reader =
            from == null
                ? recorder.readerFromTime(Long.MIN_VALUE + 1, Kinds.ALL)
                : recorder.reader(from, Kinds.ALL);
        FrameDecoder decoder = new FrameDecoder()) {
      while (reader.next()) {
        for (int i = 0; i < reader.frames(); i++) {
          decoder.wrap(reader.frame(i));
          while (decoder.next()) {
            if (decoder.kind() <= MAX_KIND) {
              consumer.accept(entry(decoder));
            }
          }
        }
      }
      return reader.resume();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    recorder.close();
  }

  private static Entry entry(FrameDecoder decoder) {
    byte[] array = decoder.array();
    int end = decoder.offset() + decoder.length();
    int start = decoder.offset() + PAYLOAD_LENGTH_OFFSET;
    while (start < end && array[start] < 0) {
      start++; // the length, which the end of the entry says too
    }
    return new Entry(
        new Position(decoder.header().node(), decoder.header().epoch(), decoder.sequence()),
        decoder.time(),
        decoder.kind(),
        Arrays.copyOfRange(array, Math.min(start + 1, end), end));
  }
}
