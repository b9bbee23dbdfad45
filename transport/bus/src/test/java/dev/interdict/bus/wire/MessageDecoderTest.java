package dev.interdict.bus.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Credit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MessageDecoderTest {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final MessageDecoder decoder = new MessageDecoder();
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

  MessageDecoderTest() {
    channel.config().setAllocator(allocator);
    decoder.greeted();
  }

  @AfterEach
  void shouldHoldNoMemoryAfterwards() {
    channel.finishAndReleaseAll();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  private byte[] stream() {
    ByteBuf all = Unpooled.buffer();
    List<ByteBuf> messages =
        List.of(
            Message.of(allocator, MessageType.PING, 0),
            Message.of(allocator, MessageType.CREDIT, 7, Credit.newBuilder().setBytes(99).build()),
            Message.frame(allocator, Message.END_OF_BATCH, 9, ByteBuffer.allocate(200_000)),
            Message.of(allocator, MessageType.PONG, 0));
    for (ByteBuf message : messages) {
      all.writeBytes(message);
      message.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  private List<String> received() {
    List<String> messages = new ArrayList<>();
    for (ByteBuf message = channel.readInbound();
        message != null;
        message = channel.readInbound()) {
      messages.add(
          Message.type(message)
              + " "
              + Message.stream(message)
              + " "
              + Message.payloadLength(message));
      message.release();
    }
    return messages;
  }

  @Test
  void shouldCutMessagesWhereverTheReadsEnd() {
    byte[] bytes = stream();
    for (int size : new int[] {1, 5, 11, 12, 13, 14, 27, 100, 70_000, bytes.length}) {
      for (int at = 0; at < bytes.length; at += size) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, at, Math.min(size, bytes.length - at)));
      }
      assertThat(received())
          .as("reads of %d bytes", size)
          .containsExactly("PING 0 0", "CREDIT 7 2", "FRAME 9 200000", "PONG 0 0");
    }
  }

  @Test
  void shouldNotAllocateWhatHasOnlyBeenAnnounced() {
    channel.writeInbound(header(1_000_000, MessageType.FRAME.code()));
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[10]));

    assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(64 << 10);
  }

  @Test
  void shouldNameLengthAndLimit() {
    assertThatThrownBy(() -> channel.writeInbound(header(2_000_000, MessageType.FRAME.code())))
        .isInstanceOf(WireException.class)
        .hasMessage("invalid messageLength=2000000 type=FRAME limit=1048700");
    assertThatThrownBy(() -> channel.writeInbound(header(-1, MessageType.HELLO.code())))
        .hasMessage("invalid messageLength=4294967295 type=HELLO limit=65548");
    assertThatThrownBy(() -> channel.writeInbound(header(11, MessageType.PING.code())))
        .hasMessage("invalid messageLength=11 type=PING limit=12");
  }

  @Test
  void shouldRefuseUnknownTypesAndReservedBits() {
    assertThatThrownBy(() -> channel.writeInbound(header(12, 200)))
        .hasMessage("unknown message type=200");
    assertThatThrownBy(
            () -> channel.writeInbound(header(12, MessageType.PING.code()).setShort(6, 3)))
        .hasMessage("invalid reserved=3 type=PING expected=0");
  }

  @Test
  void shouldLetNothingThroughBeforeTheGreeting() {
    EmbeddedChannel fresh = new EmbeddedChannel(new MessageDecoder());

    assertThatThrownBy(() -> fresh.writeInbound(header(1000, MessageType.FRAME.code())))
        .hasMessage("message type=FRAME before the greeting");
    fresh.finishAndReleaseAll();
  }

  private static ByteBuf header(int length, int type) {
    return Unpooled.buffer()
        .writeInt(length)
        .writeByte(type)
        .writeByte(0)
        .writeShort(0)
        .writeInt(1);
  }
}
