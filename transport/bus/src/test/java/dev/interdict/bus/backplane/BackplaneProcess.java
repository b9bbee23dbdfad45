package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.Identity;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A backplane in a process of its own, which can be killed as the kernel kills. */
public final class BackplaneProcess implements Closeable {
  private final Process process;
  private final InetSocketAddress address;

  private BackplaneProcess(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /** Port 0 takes any. */
  public static BackplaneProcess start(Path identity, int port) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                BackplaneProcess.class.getName(),
                identity.toString(),
                Integer.toString(port))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    int bound = Integer.parseInt(out.readLine());
    return new BackplaneProcess(
        process, new InetSocketAddress(InetAddress.getLoopbackAddress(), bound));
  }

  public InetSocketAddress address() {
    return address;
  }

  /** It neither answers nor closes anything from now on, as a machine that hangs. */
  public void hang() throws IOException {
    new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start();
  }

  /** As kill -9. */
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() throws IOException {
    kill();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    try (Backplane backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1])),
                Identity.load(Path.of(arguments[0]))))) {
      System.out.println(backplane.address().getPort());
      while (System.in.read() >= 0) {
        continue;
      }
    }
  }
}
