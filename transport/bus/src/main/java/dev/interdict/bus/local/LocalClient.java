package dev.interdict.bus.local;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Asks a part of Interdict that runs on this host. */
public final class LocalClient {
  private static final int MAX_ANSWER = 64 << 20;

  private LocalClient() {}

  /**
   * Sends one request and waits for its answer.
   *
   * @param directory the data directory of the part
   * @param name of its socket: {@code agent}, {@code responder}
   * @throws IOException with the part's own words where it refuses
   */
  public static byte[] ask(Path directory, String name, String request) throws IOException {
    Path path = LocalServer.socket(directory, name);
    if (!Files.exists(path)) {
      throw new IOException("no " + name + " runs with data directory " + directory);
    }
    byte[] line = (request + "\n").getBytes(StandardCharsets.UTF_8);
    if (line.length > LocalServer.MAX_REQUEST || request.indexOf('\n') >= 0) {
      throw new IOException(
          "invalid request.length=" + line.length + " limit=" + LocalServer.MAX_REQUEST);
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      byte[] answer = Channels.newInputStream(channel).readNBytes(MAX_ANSWER + 1);
      if (answer.length == 0) {
        throw new IOException(name + " closed the connection without an answer");
      }
      if (answer.length > MAX_ANSWER) {
        throw new IOException("the answer of " + name + " exceeds limit=" + MAX_ANSWER);
      }
      if (answer[0] != LocalServer.OK) {
        throw new IOException(new String(answer, 1, answer.length - 1, StandardCharsets.UTF_8));
      }
      byte[] body = new byte[answer.length - 1];
      System.arraycopy(answer, 1, body, 0, body.length);
      return body;
    }
  }
}
