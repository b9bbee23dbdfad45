package dev.interdict.record;

import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * What hostile bytes are fed to, and what must hold then. Checksums are made right first: they stop
 * accidents, not whoever makes the bytes.
 */
final class Fuzzing {
  private static final NodeId NODE = NodeId.parse("01234567-89ab-cdef-8000-0123456789ab");
  private static final long EPOCH = 1_700_000_000_000L;
  private static final int LANE = 1;
  private static final int MAX_INPUT = 1 << 16;

  private Fuzzing() {}

  /** Frames of one event, of few, of many, stored and compressed, and none at all. */
  static List<byte[]> frames() {
    List<byte[]> frames = new ArrayList<>();
    frames.add(new byte[0]);
    frames.add(new byte[FrameHeader.LENGTH]);
    for (int count : new int[] {1, 2, 7, 300}) {
      for (int length : new int[] {11, 40, 700}) {
        frames.add(frame(count, length, 1));
      }
    }
    return frames;
  }

  /** A segment of three frames, an empty one, one with a hole, one with its frames turned round. */
  static List<byte[]> segments() {
    byte[] head = Segment.header(NODE, EPOCH, LANE, 1, 5).array();
    byte[] first = frame(3, 40, 1);
    byte[] second = frame(2, 300, 4);
    byte[] third = frame(40, 20, 6);
    return List.of(
        head,
        join(head, first, second, third),
        join(head, first, third),
        join(head, third, second, first),
        join(head, first, new byte[97], third),
        join(head, first, first, first));
  }

  /** Throws nothing but InvalidFrameException; what it gives lies within what the header says. */
  static void decode(byte[] input) {
    ByteBuffer frame = ByteBuffer.wrap(sealed(input, 0));
    try (FrameDecoder decoder = new FrameDecoder()) {
      decoder.wrap(frame);
      long last = decoder.header().firstSequence() - 1;
      int count = 0;
      while (decoder.next()) {
        if (decoder.sequence() <= last || decoder.sequence() > decoder.header().lastSequence()) {
          throw new AssertionError("sequence=" + decoder.sequence() + " after=" + last);
        }
        if (decoder.offset() < 0
            || decoder.length() < EventPrefix.LENGTH
            || decoder.offset() + decoder.length() > decoder.array().length
            || decoder.kind() < 0
            || decoder.kind() >= Kinds.LIMIT) {
          throw new AssertionError("offset=" + decoder.offset() + " length=" + decoder.length());
        }
        last = decoder.sequence();
        count++;
      }
      if (count != decoder.header().count()) {
        throw new AssertionError("count=" + count + " expected=" + decoder.header().count());
      }
    } catch (InvalidFrameException e) {
      return; // refused
    }
  }

  /** Reading ends, batches go forward, and a frame that is handed out is whole. */
  static void readSegment(byte[] input, Path directory) throws IOException {
    byte[] bytes = input;
    for (int at = Segment.HEADER_LENGTH; at + FrameHeader.LENGTH <= bytes.length; ) {
      bytes = sealed(bytes, at);
      int body = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 12);
      at += FrameHeader.LENGTH + Math.max(0, Math.min(body, MAX_INPUT));
    }
    Path lane = EpochLog.directory(directory, EPOCH).resolve(Integer.toString(LANE));
    if (!Files.exists(lane)) {
      Files.createDirectories(lane);
      Files.writeString(directory.resolve(Catalog.NODE_FILE), NODE + "\n");
    }
    Files.write(lane.resolve(Segment.fileName(1)), bytes);
    OfflineRecorder recorder = OfflineRecorder.open(directory);
    for (OfflineRecorder.SegmentReport report : recorder.inspect(true)) {
      if (report.damagedBytes() < 0 || report.damagedBytes() + report.tornBytes() > bytes.length) {
        throw new AssertionError(report.toString());
      }
    }
    try (RecorderReader reader = recorder.reader(Long.MIN_VALUE, Kinds.ALL)) {
      long next = 1;
      int batches = 0;
      while (reader.next()) {
        if (reader.lastSequence() < reader.firstSequence()
            || (batches > 0 && reader.firstSequence() != next)
            || ++batches > bytes.length) {
          throw new AssertionError(
              "batch " + reader.firstSequence() + ".." + reader.lastSequence() + " after " + next);
        }
        next = reader.lastSequence() + 1;
        for (int i = 0; i < reader.frames(); i++) {
          ByteBuffer frame = reader.frame(i).duplicate();
          byte[] copy = new byte[frame.remaining()];
          frame.get(copy);
          decode(copy);
        }
      }
    } catch (InvalidFrameException e) {
      return; // a body that is not what its right checksum makes believe
    }
  }

  /** Bits turned, numbers replaced by such as hurt, parts cut out, doubled and moved. */
  static byte[] mutate(byte[] input, Random random) {
    byte[] bytes = input.clone();
    for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> put(bytes, at & ~3, HURTFUL[random.nextInt(HURTFUL.length)], 4);
        case 3 -> put(bytes, at & ~7, HURTFUL[random.nextInt(HURTFUL.length)], 8);
        case 4 -> bytes = Arrays.copyOf(bytes, at);
        default -> {
          int length = random.nextInt(Math.min(64, bytes.length - at) + 1);
          System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length + 1), length);
        }
      }
    }
    return bytes;
  }

  private static final long[] HURTFUL = {
    0,
    1,
    -1,
    11,
    95,
    96,
    97,
    65_536,
    65_537,
    1 << 20,
    (1 << 20) + 1,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    0x31464449
  };

  private static void put(byte[] bytes, int at, long value, int length) {
    for (int i = 0; i < length && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >>> 8 * i);
    }
  }

  /** With the checksum that the bytes there should have, if a frame's header may stand there. */
  private static byte[] sealed(byte[] input, int at) {
    byte[] bytes = input.clone();
    if (bytes.length - at < FrameHeader.LENGTH) {
      return bytes;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length = FrameHeader.LENGTH + (long) buffer.getInt(at + FrameHeader.BODY_LENGTH_OFFSET);
    if (length > FrameHeader.LENGTH && at + length <= bytes.length) {
      buffer.putInt(
          at + FrameHeader.CHECKSUM_OFFSET,
          Checksum.of(new CRC32C(), ByteBuffer.wrap(bytes), at, (int) length));
    }
    return bytes;
  }

  private static byte[] frame(int count, int length, long firstSequence) {
    Random random = new Random(count * 1000L + length);
    try (FrameEncoder encoder = new FrameEncoder()) {
      encoder.begin(NODE, EPOCH, LANE, firstSequence);
      for (int i = 0; i < count; i++) {
        byte[] event = Entries.entry(5_000 + i, 5 + i % 2, length, random);
        encoder.add(firstSequence + i, event, 0, event.length);
      }
      ByteBuffer frame = encoder.finish(firstSequence + count - 1, 1 << LANE);
      byte[] bytes = new byte[frame.remaining()];
      frame.get(bytes);
      return bytes;
    }
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
