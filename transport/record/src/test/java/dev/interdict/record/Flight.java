package dev.interdict.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Something to record, and what was read back. */
final class Flight {
  static final long START = 1_700_000_000_000_000_000L;
  static final long STEP = 1_000_000;

  /** Kinds by lane, as the schema has them. */
  static final int[][] KINDS = {{1, 2, 63}, {5, 6}, {4}};

  record Read(long epoch, long sequence, int lane, int kind, long time, String body) {}

  private final Random random;
  private final List<Read> written = new ArrayList<>();

  Flight(long seed) {
    random = new Random(seed);
  }

  List<Read> written() {
    return written;
  }

  /** Batches of up to 30 events. */
  void record(Recorder recorder, int batches) {
    for (int batch = 0; batch < batches; batch++) {
      for (int i = 1 + random.nextInt(30); i > 0; i--) {
        int lane = random.nextInt(KINDS.length);
        append(recorder, lane, 11 + random.nextInt(500));
      }
      recorder.flush();
    }
  }

  void append(Recorder recorder, int lane, int length) {
    int kind = KINDS[lane][random.nextInt(KINDS[lane].length)];
    long time = START + written.size() * STEP;
    byte[] event = Entries.entry(time, kind, length, random);
    long sequence =
        random.nextBoolean()
            ? recorder.append(lane, event, 0, event.length)
            : recorder.append(lane, ByteBuffer.wrap(event), 0, event.length);
    written.add(new Read(recorder.epoch(), sequence, lane, kind, time, text(event)));
  }

  /** All there is, merged by sequence; checks that ranges join and events stand within theirs. */
  static List<Read> drain(RecorderReader reader) throws IOException {
    List<Read> all = new ArrayList<>();
    try (FrameDecoder decoder = new FrameDecoder()) {
      long expected = -1;
      long epoch = -1;
      while (reader.next()) {
        if (epoch == reader.epoch() && reader.firstSequence() != expected) {
          throw new AssertionError("range " + reader.firstSequence() + " expected " + expected);
        }
        List<Read> batch = new ArrayList<>();
        for (int i = 0; i < reader.frames(); i++) {
          decoder.wrap(reader.frame(i));
          while (decoder.next()) {
            if (decoder.sequence() < reader.firstSequence()
                || decoder.sequence() > reader.lastSequence()) {
              throw new AssertionError("sequence out of range: " + decoder.sequence());
            }
            batch.add(
                new Read(
                    decoder.header().epoch(),
                    decoder.sequence(),
                    decoder.header().lane(),
                    decoder.kind(),
                    decoder.time(),
                    text(
                        Arrays.copyOfRange(
                            decoder.array(),
                            decoder.offset(),
                            decoder.offset() + decoder.length()))));
          }
        }
        batch.sort(Comparator.comparingLong(Read::sequence));
        all.addAll(batch);
        epoch = reader.epoch();
        expected = reader.lastSequence() + 1;
      }
    }
    return all;
  }

  private static String text(byte[] event) {
    return new String(event, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
