package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Hello;
import dev.interdict.schema.NodeInfo;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.JdkSslContext;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocket;

/** A peer that may send anything: plain blocking TLS, without our own client code. */
public final class RawPeer implements Closeable {
  private final SSLSocket socket;
  private final DataInputStream in;

  public RawPeer(InetSocketAddress backplane, Identity identity) throws IOException {
    JdkSslContext tls = (JdkSslContext) identity.clientContext();
    socket =
        (SSLSocket)
            tls.context()
                .getSocketFactory()
                .createSocket(backplane.getAddress(), backplane.getPort());
    socket.setSoTimeout(5000);
    socket.startHandshake();
    in = new DataInputStream(socket.getInputStream());
  }

  public static RawPeer greeted(InetSocketAddress backplane, Identity identity) throws IOException {
    RawPeer peer = new RawPeer(backplane, identity);
    peer.send(
        MessageType.HELLO,
        0,
        Hello.newBuilder()
            .setProtocol(1)
            .setNode(NodeInfo.newBuilder().setId(identity.id()))
            .build()
            .toByteArray());
    peer.await(MessageType.HELLO_ACK);
    return peer;
  }

  /** One message as it came, header included. */
  public static final class Received {
    final int type;
    final int flags;
    final int stream;
    final byte[] payload;

    public int type() {
      return type;
    }

    public int stream() {
      return stream;
    }

    public byte[] payload() {
      return payload;
    }

    private Received(int type, int flags, int stream, byte[] payload) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = payload;
    }
  }

  public void send(MessageType type, int stream, byte[] payload) throws IOException {
    send(type, 0, stream, payload);
  }

  public void send(MessageType type, int flags, int stream, byte[] payload) throws IOException {
    sendBytes(
        ByteBuffer.allocate(Message.HEADER_LENGTH + payload.length)
            .putInt(Message.HEADER_LENGTH + payload.length)
            .put((byte) type.code())
            .put((byte) flags)
            .putShort((short) 0)
            .putInt(stream)
            .put(payload)
            .array());
  }

  public void sendBytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  public Received read() throws IOException {
    int length = in.readInt();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    in.readShort();
    int stream = in.readInt();
    byte[] payload = new byte[length - Message.HEADER_LENGTH];
    in.readFully(payload);
    return new Received(type, flags, stream, payload);
  }

  public Received await(MessageType type) throws IOException {
    while (true) {
      Received message = read();
      if (message.type == type.code()) {
        return message;
      }
      if (message.type == MessageType.GOODBYE.code()) {
        throw new IOException("goodbye: " + Goodbye.parseFrom(message.payload));
      }
    }
  }

  /** Shows life from now on; what else comes is thrown away. */
  public RawPeer answeringPings() {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  if (read().type == MessageType.PING.code()) {
                    send(MessageType.PONG, 0, new byte[0]);
                  }
                }
              } catch (IOException e) {
                return; // closed
              }
            });
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  /** Why the backplane closed this connection; fails if it does not. */
  public Goodbye awaitGoodbye() throws IOException {
    Goodbye goodbye = null;
    while (goodbye == null) {
      Received message = read();
      if (message.type == MessageType.GOODBYE.code()) {
        goodbye = Goodbye.parseFrom(message.payload);
      }
    }
    socket.shutdownOutput();
    if (socket.getInputStream().read() != -1) {
      throw new IOException("the connection goes on after a goodbye");
    }
    return goodbye;
  }

  /** A frame's bytes, changed. */
  static byte[] altered(byte[] frame, Consumer<ByteBuf> change) {
    ByteBuf copy = UnpooledByteBufAllocator.DEFAULT.heapBuffer().writeBytes(frame);
    change.accept(copy);
    byte[] bytes = ByteBufUtil.getBytes(copy);
    copy.release();
    return bytes;
  }

  static byte[] truncated(byte[] frame, int length) {
    return Arrays.copyOf(frame, length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
