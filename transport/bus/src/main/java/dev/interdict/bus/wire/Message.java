package dev.interdict.bus.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.interdict.schema.Goodbye;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * One message, big-endian, header included in its length:
 *
 * <pre>
 *  0 u32 length    of the whole message
 *  4 u8  type
 *  5 u8  flags
 *  6 u16 reserved  0
 *  8 u32 stream    0: the connection itself; odd: named by the dialing side, even: by the other
 * 12     payload   a protobuf message of bus.proto, or a frame as the recorder has it
 * </pre>
 */
public final class Message {
  public static final int HEADER_LENGTH = 12;

  /** 2 adds leases (RENEW) and the node's status; seals and flags are agreed on by the ends. */
  public static final int PROTOCOL = 2;

  public static final int MIN_PROTOCOL = 1;

  /** On the last message of a batch: a frame, or a progress that says how far the batch reached. */
  public static final int END_OF_BATCH = 1;

  /** On what a node reads at the head of its recorder: it goes before what is replayed. */
  public static final int LIVE = 2;

  /** On what ends with a seal: its last bytes belong to no payload. */
  public static final int SEALED = 4;

  public static final int SEAL_LENGTH = 16;

  /** On the presence that ends the list of nodes known when the watch began; it names no node. */
  public static final int END_OF_LIST = 1;

  private static final int LENGTH = 0;
  private static final int TYPE = 4;
  private static final int FLAGS = 5;
  private static final int RESERVED = 6;
  private static final int STREAM = 8;

  private Message() {}

  /** Whole length of the message whose header starts at this index; checked against the limits. */
  static int checkedLength(ByteBuf buffer, int index, boolean greeted) {
    long length = buffer.getUnsignedInt(index + LENGTH);
    MessageType type = MessageType.of(buffer.getByte(index + TYPE));
    int limit = HEADER_LENGTH + type.limit();
    if (length < HEADER_LENGTH || length > limit) {
      throw WireException.protocol(
          "invalid messageLength=" + length + " type=" + type + " limit=" + limit);
    }
    int reserved = buffer.getUnsignedShort(index + RESERVED);
    if (reserved != 0) {
      throw WireException.protocol(
          "invalid reserved=" + reserved + " type=" + type + " expected=0");
    }
    boolean sealed = (buffer.getByte(index + FLAGS) & SEALED) != 0;
    if (sealed && length < HEADER_LENGTH + SEAL_LENGTH) {
      throw WireException.protocol(
          "invalid messageLength=" + length + " type=" + type + " has no room for a seal");
    }
    if (!greeted && type.code() > MessageType.GOODBYE.code()) {
      throw WireException.protocol("message type=" + type + " before the greeting");
    }
    return (int) length;
  }

  public static MessageType type(ByteBuf message) {
    return MessageType.of(message.getByte(message.readerIndex() + TYPE));
  }

  public static int flags(ByteBuf message) {
    return message.getUnsignedByte(message.readerIndex() + FLAGS);
  }

  public static int stream(ByteBuf message) {
    return message.getInt(message.readerIndex() + STREAM);
  }

  /** For passing a message on; its payload stays where it is. */
  public static void setStream(ByteBuf message, int stream) {
    message.setInt(message.readerIndex() + STREAM, stream);
  }

  /** Without the seal. */
  public static int payloadLength(ByteBuf message) {
    int seal = (flags(message) & SEALED) != 0 ? SEAL_LENGTH : 0;
    return message.readableBytes() - HEADER_LENGTH - seal;
  }

  public static ByteBuffer payload(ByteBuf message) {
    return message.nioBuffer(message.readerIndex() + HEADER_LENGTH, payloadLength(message));
  }

  public static <T extends MessageLite> T parse(ByteBuf message, Parser<T> parser) {
    try {
      return parser.parseFrom(payload(message));
    } catch (InvalidProtocolBufferException e) {
      throw new WireException(
          Goodbye.Code.PROTOCOL,
          "malformed payload of type=" + type(message) + ": " + e.getMessage(),
          e);
    }
  }

  public static ByteBuf of(ByteBufAllocator allocator, MessageType type, int stream) {
    return begin(allocator, type, 0, stream, 0);
  }

  public static ByteBuf of(
      ByteBufAllocator allocator, MessageType type, int stream, MessageLite payload) {
    return of(allocator, type, 0, stream, payload);
  }

  public static ByteBuf of(
      ByteBufAllocator allocator, MessageType type, int flags, int stream, MessageLite payload) {
    int size = payload.getSerializedSize();
    ByteBuf message = begin(allocator, type, flags, stream, size);
    try {
      CodedOutputStream output =
          CodedOutputStream.newInstance(message.nioBuffer(message.writerIndex(), size));
      payload.writeTo(output);
      output.flush();
    } catch (IOException e) {
      message.release();
      throw new UncheckedIOException(e);
    }
    return reserveSeal(message.writerIndex(message.writerIndex() + size));
  }

  public static ByteBuf frame(ByteBufAllocator allocator, int flags, int stream, ByteBuffer frame) {
    return reserveSeal(
        begin(allocator, MessageType.FRAME, flags, stream, frame.remaining())
            .writeBytes(frame.duplicate()));
  }

  private static ByteBuf reserveSeal(ByteBuf message) {
    return (flags(message) & SEALED) != 0 ? message.writeZero(SEAL_LENGTH) : message;
  }

  private static ByteBuf begin(
      ByteBufAllocator allocator, MessageType type, int flags, int stream, int bodyLength) {
    int payloadLength = bodyLength + ((flags & SEALED) != 0 ? SEAL_LENGTH : 0);
    if (payloadLength > type.limit()) {
      throw new IllegalArgumentException(
          "invalid payloadLength=" + payloadLength + " type=" + type + " limit=" + type.limit());
    }
    int length = HEADER_LENGTH + payloadLength;
    return allocator
        .buffer(length, length)
        .writeInt(length)
        .writeByte(type.code())
        .writeByte(flags)
        .writeShort(0)
        .writeInt(stream);
  }
}
