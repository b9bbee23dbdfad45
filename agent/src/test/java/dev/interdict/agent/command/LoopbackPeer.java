package dev.interdict.agent.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The far end of a TCP connection from a test's cgroup. */
final class LoopbackPeer implements AutoCloseable {
  private static final Duration SILENCE = Duration.ofMillis(300);

  private final ServerSocket listener;
  private Socket socket;
  private BufferedReader lines;

  private LoopbackPeer(ServerSocket listener) {
    this.listener = listener;
  }

  static LoopbackPeer listen() throws IOException {
    return new LoopbackPeer(
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
  }

  int port() {
    return listener.getLocalPort();
  }

  void accept() throws IOException {
    listener.setSoTimeout(5000);
    socket = listener.accept();
    lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** The answer, or null if none came. */
  String ask(String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    return read(SILENCE);
  }

  String read(Duration limit) throws IOException {
    socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
    try {
      return lines.readLine();
    } catch (SocketTimeoutException silent) {
      return null;
    }
  }

  boolean isReset() throws IOException {
    try {
      return ask("anyone?") == null && lines.read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  /** Bytes that the other kernel end has not acknowledged. */
  long unacknowledged() throws IOException {
    String local = String.format(":%04X", socket.getLocalPort());
    String remote = String.format("0100007F:%04X", socket.getPort());
    for (String table : new String[] {"/proc/net/tcp6", "/proc/net/tcp"}) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+", 6);
        if (fields[1].endsWith(local) && fields[2].endsWith(remote)) {
          return Long.parseLong(fields[4].substring(0, fields[4].indexOf(':')), 16);
        }
      }
    }
    throw new IOException(socket + " is in no table of the kernel");
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (socket != null) {
      socket.close();
    }
  }
}
