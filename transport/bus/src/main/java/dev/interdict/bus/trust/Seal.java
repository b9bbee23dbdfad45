package dev.interdict.bus.trust;

import dev.interdict.bus.wire.Message;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import javax.crypto.Mac;

/**
 * Seals what a node sends on one stream, or checks it: HMAC-SHA256, cut to 16 bytes, over type,
 * flags, length and payload of every message since the last seal, and over the number of the seal,
 * so that nothing can be changed, left out, repeated or moved. One thread.
 */
public final class Seal {
  static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;
  private final ByteBuffer prefix = ByteBuffer.allocate(2 * Byte.BYTES + Integer.BYTES);
  private final ByteBuffer ordinal = ByteBuffer.allocate(Long.BYTES);
  private final byte[] full;
  private final byte[] given = new byte[Message.SEAL_LENGTH];
  private final byte[] expected = new byte[Message.SEAL_LENGTH];
  private long count;

  Seal(Key key) throws GeneralSecurityException {
    mac = Mac.getInstance(ALGORITHM);
    mac.init(key);
    full = new byte[mac.getMacLength()];
  }

  /** One message more that the next seal will speak for, the last one included. */
  public void cover(ByteBuf message) {
    int length = Message.payloadLength(message);
    prefix
        .clear()
        .put((byte) Message.type(message).code())
        .put((byte) Message.flags(message))
        .putInt(length);
    mac.update(prefix.array());
    if (length > 0) {
      mac.update(Message.payload(message));
    }
  }

  /** Puts the seal at the end of the message that was covered last. */
  public void put(ByteBuf message) {
    finish();
    message.setBytes(message.writerIndex() - Message.SEAL_LENGTH, expected);
  }

  /** Whether the covered message ends with the seal that only the other side can have made. */
  public boolean isGenuine(ByteBuf message) {
    finish();
    message.getBytes(message.writerIndex() - Message.SEAL_LENGTH, given);
    return MessageDigest.isEqual(given, expected);
  }

  private void finish() {
    ordinal.putLong(0, count++);
    mac.update(ordinal.array());
    try {
      mac.doFinal(full, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no room for " + full.length + " bytes", e);
    }
    System.arraycopy(full, 0, expected, 0, expected.length);
  }
}
