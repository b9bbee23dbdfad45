package dev.interdict.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FrameTest {
  private static final NodeId NODE = NodeId.parse("01234567-89ab-cdef-8000-0123456789ab");

  private final FrameEncoder encoder = new FrameEncoder();
  private final FrameDecoder decoder = new FrameDecoder();
  private final Random random = new Random(42);

  @AfterEach
  void close() {
    encoder.close();
    decoder.close();
  }

  @Test
  void shouldGiveBackWhatWasPutIn() {
    for (int count : new int[] {1, 2, 300}) {
      List<byte[]> events = events(count, 300);
      ByteBuffer frame = frame(events, 3);
      FrameHeader header = decoder.wrap(frame).header();
      assertThat(header.node()).isEqualTo(NODE);
      assertThat(header.epoch()).isEqualTo(9);
      assertThat(header.lane()).isEqualTo(2);
      assertThat(header.count()).isEqualTo(count);
      assertThat(header.firstSequence()).isEqualTo(1000);
      assertThat(header.lastSequence()).isEqualTo(1000 + 3L * count);
      assertThat(header.firstTime()).isEqualTo(5_000);
      assertThat(header.lastTime()).isEqualTo(5_000 + count - 1);
      assertThat(header.kinds()).isEqualTo(count == 1 ? 1L : count == 2 ? 3L : 7L);
      assertThat(header.flags()).isEqualTo(4);
      for (int i = 0; i < count; i++) {
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.sequence()).isEqualTo(1000 + 3L * i);
        assertThat(decoder.time()).isEqualTo(5_000 + i);
        assertThat(decoder.kind()).isEqualTo(i % 3);
        assertThat(event()).isEqualTo(events.get(i));
      }
      assertThat(decoder.next()).isFalse();
    }
  }

  @Test
  void shouldReadFramesWhereverTheyStand() {
    List<byte[]> events = events(50, 200);
    ByteBuffer direct = frame(events, 1);
    ByteBuffer heap = ByteBuffer.allocate(direct.remaining() + 40).position(17);
    heap.put(direct.duplicate()).limit(heap.position()).position(17);
    for (ByteBuffer frame :
        List.of(direct, heap, heap.slice(), heap.asReadOnlyBuffer(), direct.asReadOnlyBuffer())) {
      int position = frame.position();
      decoder.wrap(frame);
      for (byte[] event : events) {
        assertThat(decoder.next()).isTrue();
        assertThat(event()).isEqualTo(event);
      }
      assertThat(decoder.next()).isFalse();
      assertThat(frame.position()).isEqualTo(position);
    }
  }

  @Test
  void shouldStoreWhatDoesNotShrink() {
    byte[] noise = new byte[5_000];
    random.nextBytes(noise);
    System.arraycopy(Entries.entry(1, 1, 11, random), 0, noise, 0, 11);
    FrameHeader header = decoder.wrap(frame(List.of(noise), 1)).header();
    assertThat(header.codec()).isEqualTo(FrameHeader.CODEC_NONE);
    assertThat(decoder.next()).isTrue();
    assertThat(event()).isEqualTo(noise);
    assertThat(decoder.wrap(frame(events(100, 300), 1)).header().codec())
        .isEqualTo(FrameHeader.CODEC_ZSTD);
  }

  @Test
  void shouldSayWhenItIsFull() {
    encoder.begin(NODE, 1, 0, 1);
    byte[] event = Entries.entry(1, 1, FrameHeader.MAX_EVENT_LENGTH, random);
    int added = 0;
    while (encoder.add(added + 1, event, 0, event.length)) {
      added++;
    }
    assertThat(added).isEqualTo(3);
    decoder.wrap(encoder.finish(added, 1));
    int read = 0;
    while (decoder.next()) {
      read++;
    }
    assertThat(read).isEqualTo(3);

    encoder.begin(NODE, 1, 0, 1);
    byte[] small = Entries.entry(1, 1, 11, random);
    int count = 0;
    while (encoder.add(count + 1, small, 0, small.length)) {
      count++;
    }
    assertThat(count).isEqualTo(FrameHeader.MAX_COUNT);
  }

  @Test
  void shouldRefuseWhatNoFrameCanHold() {
    encoder.begin(NODE, 1, 0, 1);
    byte[] large = new byte[FrameHeader.MAX_EVENT_LENGTH + 1];
    assertThatThrownBy(() -> encoder.add(1, large, 0, large.length))
        .hasMessage("invalid eventLength=262145 limit=262144");
    assertThatThrownBy(() -> encoder.add(1, new byte[20], 0, 20))
        .hasMessageContaining("does not begin with time and kind");
    assertThatThrownBy(() -> encoder.finish(1, 0)).hasMessage("empty frame firstSequence=1");
  }

  @Test
  void shouldNameWhatIsWrongWithAFrame() {
    refuse(FrameHeader.MAGIC_OFFSET, 'X', "invalid magic=31464458 expected=31464449");
    refuse(FrameHeader.VERSION_OFFSET, 2, "invalid frame version=2 expected=1");
    refuse(FrameHeader.CODEC_OFFSET, 7, "invalid codec=7 expected=1");
    refuse(FrameHeader.LANE_OFFSET, 8, "invalid lane=8 expected=7");
    refuse(FrameHeader.HEADER_LENGTH_OFFSET, 95, "invalid headerLength=95 expected=96");
    refuse(FrameHeader.BODY_LENGTH_OFFSET + 3, 1, "limit=1048576");
    refuse(FrameHeader.RAW_LENGTH_OFFSET + 3, 0x80, "limit=1048576");
    refuse(FrameHeader.COUNT_OFFSET + 2, 2, "limit=65536");
    refuse(FrameHeader.LAST_SEQUENCE_OFFSET + 1, 0, "invalid lastSequence=");
    refuse(FrameHeader.SIGNATURE_LENGTH_OFFSET, 64, "invalid signatureLength=64 expected=0");
    refuse(FrameHeader.FLAGS_OFFSET, 9, "invalid checksum=");
  }

  @Test
  void shouldRefuseEveryOtherLength() {
    byte[] frame = bytes(frame(events(10, 60), 1));
    for (int length = 0; length < frame.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(frame, 0, length);
      assertThatThrownBy(() -> decoder.wrap(cut)).isInstanceOf(InvalidFrameException.class);
    }
    ByteBuffer longer = ByteBuffer.wrap(Arrays.copyOf(frame, frame.length + 1));
    assertThatThrownBy(() -> decoder.wrap(longer)).hasMessageStartingWith("invalid frameLength=");
  }

  @Test
  void shouldRefuseEveryFlippedBit() {
    byte[] frame = bytes(frame(events(20, 60), 1));
    for (int bit = 0; bit < 8 * frame.length; bit++) {
      frame[bit / 8] ^= (byte) (1 << bit % 8);
      ByteBuffer flipped = ByteBuffer.wrap(frame);
      assertThatThrownBy(() -> decoder.wrap(flipped)).isInstanceOf(InvalidFrameException.class);
      frame[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  /** A hostile peer can make the checksum right: nothing else may be trusted then either. */
  @Test
  void shouldSurviveFlippedBitsUnderARightChecksum() {
    CRC32C crc = new CRC32C();
    byte[][] frames = {bytes(frame(events(20, 60), 1)), bytes(frame(events(2, 60), 1))};
    int refused = 0;
    for (int round = 0; round < 30_000; round++) {
      byte[] bytes = frames[round % 2].clone();
      int bit = random.nextInt(8 * bytes.length);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      ByteBuffer frame = ByteBuffer.wrap(bytes);
      new FrameHeader()
          .wrap(frame, 0)
          .putInt(FrameHeader.CHECKSUM_OFFSET, Checksum.of(crc, frame, 0, bytes.length));
      try {
        decoder.wrap(frame);
        while (decoder.next()) {
          assertThat(decoder.offset() + decoder.length()).isLessThanOrEqualTo(1 << 20);
        }
      } catch (InvalidFrameException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void shouldNotAllocatePerEvent() {
    byte[][] events = events(1_000, 300).toArray(byte[][]::new);
    long allocated =
        Allocation.of(
            () -> {
              encoder.begin(NODE, 1, 0, 1);
              for (int i = 0; i < events.length; i++) {
                encoder.add(i + 1, events[i], 0, events[i].length);
              }
              decoder.wrap(encoder.finish(events.length, 1));
              long sum = 0;
              while (decoder.next()) {
                sum += decoder.sequence() + decoder.kind() + decoder.time();
              }
              assert sum != 0;
            });
    assertThat(allocated).as("bytes for a frame of 1,000 events").isLessThan(1_000);
  }

  private void refuse(int offset, int value, String message) {
    byte[] frame = bytes(frame(events(10, 60), 1));
    frame[offset] = (byte) value;
    assertThatThrownBy(() -> decoder.wrap(ByteBuffer.wrap(frame)))
        .isInstanceOf(InvalidFrameException.class)
        .hasMessageContaining(message);
  }

  private List<byte[]> events(int count, int length) {
    List<byte[]> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(Entries.entry(5_000 + i, i % 3, length, random));
    }
    return events;
  }

  private ByteBuffer frame(List<byte[]> events, int step) {
    encoder.begin(NODE, 9, 2, 1000);
    for (int i = 0; i < events.size(); i++) {
      byte[] event = events.get(i);
      long sequence = 1000 + (long) step * i;
      assertThat(
              i % 2 == 0
                  ? encoder.add(sequence, event, 0, event.length)
                  : encoder.add(sequence, ByteBuffer.wrap(event), 0, event.length))
          .isTrue();
    }
    return encoder.finish(1000 + (long) step * events.size(), 4);
  }

  private byte[] event() {
    return Arrays.copyOfRange(
        decoder.array(), decoder.offset(), decoder.offset() + decoder.length());
  }

  private static byte[] bytes(ByteBuffer frame) {
    byte[] bytes = new byte[frame.remaining()];
    frame.get(frame.position(), bytes);
    return bytes;
  }
}
