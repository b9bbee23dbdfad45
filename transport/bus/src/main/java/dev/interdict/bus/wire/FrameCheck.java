package dev.interdict.bus.wire;

import dev.interdict.record.FrameHeader;
import dev.interdict.record.InvalidFrameException;
import dev.interdict.schema.Goodbye;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checks the frame in a message without opening it. One thread. */
public final class FrameCheck {
  private static final int CHECKSUM = FrameHeader.LENGTH - Integer.BYTES;

  private final FrameHeader header = new FrameHeader();
  private final CRC32C crc = new CRC32C();

  /** The header, its limits and the length; what is returned is valid until the next check. */
  public FrameHeader header(ByteBuf message) {
    return header(Message.payload(message));
  }

  /** The header, and the checksum over all of the frame. */
  public FrameHeader headerAndChecksum(ByteBuf message) {
    ByteBuffer frame = Message.payload(message);
    header(frame);
    int start = frame.position();
    crc.reset();
    crc.update(frame.duplicate().limit(start + CHECKSUM));
    crc.update(frame.duplicate().position(start + FrameHeader.LENGTH));
    if ((int) crc.getValue() != header.checksum()) {
      throw WireException.protocol(
          String.format(
              "invalid frame: checksum=%08x expected=%08x",
              (int) crc.getValue(), header.checksum()));
    }
    return header;
  }

  private FrameHeader header(ByteBuffer frame) {
    try {
      header.wrap(frame, frame.position()).validate();
    } catch (InvalidFrameException e) {
      throw new WireException(Goodbye.Code.PROTOCOL, "invalid frame: " + e.getMessage(), e);
    }
    if (header.frameLength() != frame.remaining()) {
      throw WireException.protocol(
          "invalid frame: frameLength="
              + header.frameLength()
              + " but the message carries "
              + frame.remaining());
    }
    return header;
  }
}
