package dev.interdict.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.agent.Agent;
import dev.interdict.bus.local.LocalClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code interdict agent run} as a user starts it, connected to a relay. */
final class AgentProcess implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long QUIET_MILLIS = 200;
  private static final double TICK_SECONDS = 0.01; // USER_HZ is 100 on every architecture of ours

  private final Process process;
  private final Path data;
  private final Path log;

  private AgentProcess(Process process, Path data, Path log) {
    this.process = process;
    this.data = data;
    this.log = log;
  }

  /** Returns when it captures and its uplink stands. */
  static AgentProcess start(Path launcher, Path data, Path identity, int port, List<String> watched)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                launcher.toString(),
                "agent",
                "run",
                "--data",
                data.toString(),
                "--identity",
                identity.toString(),
                "--backplane",
                "127.0.0.1:" + port,
                "--name",
                "overhead"));
    for (String pattern : watched) {
      command.add("--watch");
      command.add(pattern);
    }
    Path log = data.resolveSibling(data.getFileName() + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    AgentProcess agent = new AgentProcess(process, data, log);
    try {
      agent.awaitUplink();
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private void awaitUplink() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      if (!process.isAlive()) {
        throw new IOException("the agent has ended: " + said());
      }
      if (hasUplink()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("the agent has no uplink after 60 s: " + said());
      }
      Thread.sleep(QUIET_MILLIS);
    }
  }

  private boolean hasUplink() {
    try {
      JsonNode status = status();
      return status.get("capturing").asBoolean() && status.get("connections").asInt() > 0;
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  private String said() throws IOException {
    return Files.readString(log).strip();
  }

  /** What {@code interdict agent status --json} prints. */
  JsonNode status() throws IOException {
    byte[] answer = LocalClient.ask(data, Agent.SOCKET, "status");
    return new ObjectMapper().readTree(new String(answer, StandardCharsets.UTF_8));
  }

  /** Everything that was not recorded although it was to be. */
  static long lost(JsonNode status) {
    long lost = status.get("undecodable").asLong() + status.path("unwritten").asLong();
    for (JsonNode kind : status.get("kinds")) {
      lost += kind.get("lost").asLong();
    }
    return lost;
  }

  /** Processor time since it started, user and system. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    // After the name, which may hold anything: utime is the 14th field, stime the next.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_SECONDS;
  }

  /** What is resident now, pages of the rings and of shared libraries included. */
  double rssMib() throws IOException {
    return status("VmRSS:");
  }

  /** The most that was resident since it started, which is at the start. */
  double peakRssMib() throws IOException {
    return status("VmHWM:");
  }

  private double status(String what) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      if (line.startsWith(what)) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("the kernel does not say " + what + " of process " + process.pid());
  }

  /** Waits until it has caught up: no more than a tick of processor time in a while. */
  void settle() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    double before = cpuSeconds();
    while (true) {
      Thread.sleep(QUIET_MILLIS);
      double now = cpuSeconds();
      if (now - before < 1.5 * TICK_SECONDS) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("the agent was not idle in 60 s; is the host busy with something?");
      }
      before = now;
    }
  }

  /** As a service manager stops it; what it has seen is on the disk then. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the agent did not stop in 30 s: " + said());
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
