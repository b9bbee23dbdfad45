package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.Hello;
import dev.interdict.schema.HelloAck;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Presence;
import dev.interdict.schema.StreamEnd;
import io.netty.handler.ssl.JdkSslContext;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A backplane in the wrong hands: it has a good certificate and passes on what it likes. One node,
 * one client of each role; streams keep the numbers that the client gave them.
 */
public final class TakenOverRelay implements Closeable {
  /** One message on its way through. */
  public record Passing(MessageType type, int flags, int stream, byte[] payload) {
    public Passing withPayload(byte[] other) {
      return new Passing(type, flags, stream, other);
    }
  }

  private static final byte[] NOTHING = {};

  private final SSLServerSocket server;
  private final int protocol;
  private final Map<Role, Peer> peers = new ConcurrentHashMap<>();
  private final List<Goodbye> goodbyes = new CopyOnWriteArrayList<>();
  private volatile NodeInfo node;
  private volatile Function<Passing, List<Passing>> malice = List::of;

  public TakenOverRelay(Identity identity) throws IOException {
    this(identity, Message.PROTOCOL);
  }

  /** Of another version than ours. */
  public TakenOverRelay(Identity identity, int protocol) throws IOException {
    this.protocol = protocol;
    server =
        (SSLServerSocket)
            ((JdkSslContext) identity.serverContext())
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    server.setNeedClientAuth(true);
    start(this::accept);
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** What becomes of a message that passes: nothing, itself, something else, or more. */
  public void does(Function<Passing, List<Passing>> what) {
    malice = what;
  }

  /** Why peers have left. */
  public List<Goodbye> goodbyes() {
    return goodbyes;
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "taken-over-relay");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        SSLSocket socket = (SSLSocket) server.accept();
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      return; // closed
    }
  }

  private void serve(SSLSocket socket) {
    try (Peer peer = new Peer(socket)) {
      Passing hello = peer.read();
      peer.write(
          new Passing(
              MessageType.HELLO_ACK,
              0,
              0,
              HelloAck.newBuilder().setProtocol(protocol).build().toByteArray()));
      peers.put(peer.role, peer);
      if (peer.role == Role.NODE) {
        node = Hello.parseFrom(hello.payload()).getNode();
        tell(peers.get(Role.CONSUMER));
        tell(peers.get(Role.RESPONDER));
      }
      while (true) {
        relay(peer, peer.read());
      }
    } catch (IOException | CertificateException e) {
      return; // this peer has gone
    }
  }

  private void tell(Peer watcher) throws IOException {
    if (watcher != null && node != null) {
      byte[] presence =
          Presence.newBuilder().setNode(node).setConnected(true).build().toByteArray();
      watcher.write(new Passing(MessageType.PRESENCE, 0, 0, presence));
    }
  }

  private void relay(Peer from, Passing message) throws IOException {
    switch (message.type()) {
      case PING -> from.write(new Passing(MessageType.PONG, 0, 0, NOTHING));
      case PONG, SERVE_ALERTS, NODE_STATUS -> {}
      case GOODBYE -> goodbyes.add(Goodbye.parseFrom(message.payload()));
      case WATCH_PRESENCE -> tell(from);
      default -> {
        Peer to = peers.get(addressee(message.type()));
        if (to == null && message.type() == MessageType.SUBSCRIBE) {
          byte[] gone =
              StreamEnd.newBuilder().setCode(StreamEnd.Code.NODE_GONE).build().toByteArray();
          from.write(new Passing(MessageType.STREAM_END, 0, message.stream(), gone));
        }
        if (to != null) {
          for (Passing passed : malice.apply(message)) {
            to.write(passed);
          }
        }
      }
    }
  }

  private static Role addressee(MessageType type) {
    return switch (type) {
      case SUBSCRIBE, CREDIT, RENEW, UNSUBSCRIBE, SEND_COMMAND -> Role.NODE;
      case PUBLISH_ALERT, COMMAND_RESULT -> Role.RESPONDER;
      default -> Role.CONSUMER;
    };
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Peer peer : peers.values()) {
      peer.close();
    }
  }

  private static final class Peer implements Closeable {
    private final SSLSocket socket;
    private final DataInputStream in;
    private final Role role;

    Peer(SSLSocket socket) throws IOException, CertificateException {
      this.socket = socket;
      socket.startHandshake();
      role = PeerName.of((X509Certificate) socket.getSession().getPeerCertificates()[0]).role();
      in = new DataInputStream(socket.getInputStream());
    }

    Passing read() throws IOException {
      int length = in.readInt();
      MessageType type = MessageType.of(in.readUnsignedByte());
      int flags = in.readUnsignedByte();
      in.readShort();
      int stream = in.readInt();
      byte[] payload = new byte[length - Message.HEADER_LENGTH];
      in.readFully(payload);
      return new Passing(type, flags, stream, payload);
    }

    synchronized void write(Passing message) throws IOException {
      int length = Message.HEADER_LENGTH + message.payload().length;
      socket
          .getOutputStream()
          .write(
              ByteBuffer.allocate(length)
                  .putInt(length)
                  .put((byte) message.type().code())
                  .put((byte) message.flags())
                  .putShort((short) 0)
                  .putInt(message.stream())
                  .put(message.payload())
                  .array());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
