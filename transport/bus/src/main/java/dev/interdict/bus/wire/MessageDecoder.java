package dev.interdict.bus.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Cuts the byte stream into messages. A message that lies in one read is passed on as a slice of
 * it; one that does not is gathered in a buffer of its own, which is made no larger than {@link
 * #FIRST_ALLOCATION} until that much has really come.
 */
final class MessageDecoder extends ChannelInboundHandlerAdapter {
  private static final int FIRST_ALLOCATION = 64 << 10;

  private ByteBuf partial;
  private int wanted;
  private boolean greeted;
  private boolean discarding;

  /** From now on every type is let through. */
  void greeted() {
    greeted = true;
  }

  /** Nothing that comes from now on is looked at. */
  void discard() {
    discarding = true;
    releasePartial();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    ByteBuf in = (ByteBuf) read;
    try {
      while (in.isReadable() && !discarding) {
        ByteBuf message = partial == null ? whole(context, in) : gathered(in);
        if (message != null) {
          context.fireChannelRead(message);
        }
      }
    } finally {
      in.release();
    }
  }

  private ByteBuf whole(ChannelHandlerContext context, ByteBuf in) {
    if (in.readableBytes() < Message.HEADER_LENGTH) {
      wanted = Message.HEADER_LENGTH;
    } else {
      wanted = Message.checkedLength(in, in.readerIndex(), greeted);
      if (in.readableBytes() >= wanted) {
        return in.readRetainedSlice(wanted);
      }
    }
    partial = context.alloc().buffer(Math.min(wanted, FIRST_ALLOCATION), wanted);
    return gathered(in);
  }

  private ByteBuf gathered(ByteBuf in) {
    int missing = wanted - partial.readableBytes();
    int room = partial.capacity() - partial.writerIndex();
    if (room == 0) {
      partial.capacity(wanted);
      room = missing;
    }
    partial.writeBytes(in, Math.min(in.readableBytes(), Math.min(missing, room)));
    if (partial.readableBytes() < wanted) {
      return null;
    }
    if (wanted == Message.HEADER_LENGTH && !headerSeen()) {
      return null;
    }
    ByteBuf message = partial;
    partial = null;
    return message;
  }

  /** The header has just been completed: true if it is the whole message. */
  private boolean headerSeen() {
    wanted = Message.checkedLength(partial, partial.readerIndex(), greeted);
    if (wanted == Message.HEADER_LENGTH) {
      return true;
    }
    ByteBuf larger = partial.alloc().buffer(Math.min(wanted, FIRST_ALLOCATION), wanted);
    larger.writeBytes(partial);
    partial.release();
    partial = larger;
    return false;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    discard();
  }

  private void releasePartial() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }
}
