package dev.interdict.benchmarks.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace for each process, joined by a bridge in one more. Without the right to make
 * them all are on loopback, and links cannot be touched.
 */
final class FaultNetwork implements AutoCloseable {
  private static final String SUBNET = "10.231.77.";

  private final String prefix = "idf" + ProcessHandle.current().pid();
  private final List<String> places;
  private final boolean isolated;

  private FaultNetwork(List<String> places, boolean isolated) {
    this.places = places;
    this.isolated = isolated;
  }

  static FaultNetwork create(List<String> places) throws IOException {
    FaultNetwork network = new FaultNetwork(places, true);
    try {
      network.build();
      return network;
    } catch (IOException e) {
      network.close();
      return new FaultNetwork(places, false);
    }
  }

  private void build() throws IOException {
    String hub = prefix + "hub";
    run("ip", "netns", "add", hub);
    run("ip", "-n", hub, "link", "add", "br0", "type", "bridge");
    run("ip", "-n", hub, "link", "set", "br0", "up");
    for (int i = 0; i < places.size(); i++) {
      String place = namespace(places.get(i));
      String port = places.get(i);
      run("ip", "netns", "add", place);
      run("ip", "-n", place, "link", "set", "lo", "up");
      run(
          "ip", "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns",
          place);
      run("ip", "-n", hub, "link", "set", port, "master", "br0");
      run("ip", "-n", hub, "link", "set", port, "up");
      run("ip", "-n", place, "addr", "add", SUBNET + (i + 1) + "/24", "dev", "eth0");
      run("ip", "-n", place, "link", "set", "eth0", "up");
    }
  }

  boolean isIsolated() {
    return isolated;
  }

  /** Whether packets can be dropped by chance. */
  boolean canLose() {
    return isolated && succeeds("nft", "--version");
  }

  String address(String place) {
    return isolated ? SUBNET + (places.indexOf(place) + 1) : "127.0.0.1";
  }

  /** What a command has to begin with in order to run there. */
  List<String> at(String place) {
    return isolated ? List.of("ip", "netns", "exec", namespace(place)) : List.of();
  }

  void cut(String place) throws IOException {
    run("ip", "-n", prefix + "hub", "link", "set", place, "down");
  }

  void lose(String place, int percent) throws IOException {
    String chain = "{ type filter hook input priority 0; }";
    in(place, "nft", "add", "table", "inet", "faults");
    in(place, "nft", "add", "chain", "inet", "faults", "in", chain);
    in(
        place,
        "nft",
        "add",
        "rule",
        "inet",
        "faults",
        "in",
        "numgen",
        "random",
        "mod",
        "100",
        "lt",
        Integer.toString(percent),
        "drop");
  }

  /** So slow that what is sent waits long in the queue. */
  void throttle(String place, String rate) throws IOException {
    in(
        place, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "16kbit",
        "latency", "300ms");
  }

  void heal(String place) throws IOException {
    run("ip", "-n", prefix + "hub", "link", "set", place, "up");
    List<String> command = new ArrayList<>(at(place));
    command.addAll(List.of("nft", "delete", "table", "inet", "faults"));
    succeeds(command.toArray(String[]::new));
    command = new ArrayList<>(at(place));
    command.addAll(List.of("tc", "qdisc", "del", "dev", "eth0", "root"));
    succeeds(command.toArray(String[]::new));
  }

  @Override
  public void close() {
    if (isolated) {
      places.forEach(place -> succeeds("ip", "netns", "del", namespace(place)));
      succeeds("ip", "netns", "del", prefix + "hub");
    }
  }

  private String namespace(String place) {
    return prefix + place;
  }

  private void in(String place, String... command) throws IOException {
    List<String> all = new ArrayList<>(at(place));
    all.addAll(List.of(command));
    run(all.toArray(String[]::new));
  }

  static void run(String... command) throws IOException {
    String said = execute(command);
    if (said != null) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  static boolean succeeds(String... command) {
    try {
      return execute(command) == null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Null, or what it said when it failed. */
  private static String execute(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "no end within 20 s";
      }
      return process.exitValue() == 0 ? null : said.strip() + " exit=" + process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
