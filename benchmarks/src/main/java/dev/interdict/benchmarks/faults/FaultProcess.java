package dev.interdict.benchmarks.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** One of the processes, started again whenever it is not there. */
final class FaultProcess implements AutoCloseable {
  private static final List<String> JVM =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  private final List<String> at;
  private final LongFunction<List<String>> arguments; // main class and what follows, by run
  private final Path log;
  private final int heapMiB;
  private Process process;
  private long run;

  FaultProcess(List<String> at, Path log, LongFunction<List<String>> arguments) {
    this(at, log, 160, arguments);
  }

  FaultProcess(List<String> at, Path log, int heapMiB, LongFunction<List<String>> arguments) {
    this.at = at;
    this.log = log;
    this.heapMiB = heapMiB;
    this.arguments = arguments;
  }

  /** A backplane as people start it. */
  static List<String> backplane(String listen, Path identity) {
    return List.of(
        "dev.interdict.cli.Interdict",
        "backplane",
        "run",
        "--listen",
        listen,
        "--identity",
        identity.toString(),
        "--metrics",
        "-");
  }

  /** A program that is told at the end of its arguments where the backplanes are. */
  static List<String> dialling(List<String> addresses, Class<?> program, Object... arguments) {
    List<String> command = new ArrayList<>(List.of(program.getName()));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    command.addAll(addresses);
    return command;
  }

  void start() throws IOException {
    run++;
    List<String> command = new ArrayList<>(at);
    command.addAll(JVM);
    command.add("-Xmx" + heapMiB + "m");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(arguments.apply(run));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  void startIfGone() throws IOException {
    if (!process.isAlive()) {
      start();
    }
  }

  void kill() throws IOException {
    process.destroyForcibly(); // ip netns exec replaces itself, so it is the process itself
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IOException("process " + process.pid() + " survives a kill");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Returns once it has ended by itself. */
  void join() throws IOException {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** A line to its standard input; one that has just died gets none. */
  void tell(String line) {
    try {
      OutputStream in = process.getOutputStream();
      in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
    } catch (IOException e) {
      return; // it will be started again
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long runs() {
    return run;
  }

  String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }

  @Override
  public void close() throws IOException {
    if (process != null) {
      kill();
    }
  }
}
