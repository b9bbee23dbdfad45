package dev.interdict.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C of a frame: all of it but the checksum itself. */
final class Checksum {
  private Checksum() {}

  static int of(CRC32C crc, ByteBuffer buffer, int offset, int frameLength) {
    crc.reset();
    int bodyOffset = offset + FrameHeader.LENGTH;
    if (buffer.hasArray()) {
      crc.update(buffer.array(), buffer.arrayOffset() + offset, FrameHeader.CHECKSUM_OFFSET);
      crc.update(
          buffer.array(), buffer.arrayOffset() + bodyOffset, frameLength - FrameHeader.LENGTH);
    } else {
      ByteBuffer view = buffer.duplicate();
      crc.update(view.clear().position(offset).limit(offset + FrameHeader.CHECKSUM_OFFSET));
      crc.update(view.clear().position(bodyOffset).limit(offset + frameLength));
    }
    return (int) crc.getValue();
  }
}
