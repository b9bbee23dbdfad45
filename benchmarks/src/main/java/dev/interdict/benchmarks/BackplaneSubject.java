package dev.interdict.benchmarks;

import dev.interdict.benchmarks.backplane.Contender;
import dev.interdict.benchmarks.backplane.Contender.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** This backplane with its recorder beside brokers that keep what they are given, too. */
final class BackplaneSubject implements Subject {
  private static final String THROUGHPUT = "throughput";
  private static final String HISTORY = "history";
  private static final int[] LOADS = {10, 50, 90};
  private static final int[] NODES = {1, 10, 100, 1000};
  private static final long MAX_LATENCY_RATE = 200_000;
  private static final long NODES_RATE = 5_000;
  private static final int NODES_BATCH = 20;

  @Override
  public String name() {
    return "backplane";
  }

  @Override
  public String about() {
    return "events from process to process, against Apache Kafka and NATS JetStream";
  }

  @Override
  public List<String> cases() {
    List<String> cases = new ArrayList<>(List.of(THROUGHPUT));
    for (int load : LOADS) {
      cases.add("latency_" + load);
    }
    for (int nodes : NODES) {
      cases.add("nodes_" + nodes);
    }
    cases.add("instances_2");
    cases.add(HISTORY);
    return cases;
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    Path directory = Files.createTempDirectory("interdict-bench");
    try {
      measure(table, settings, directory);
    } finally {
      delete(directory);
    }
    table.note(
        Runtime.getRuntime().availableProcessors()
            + " processors; all processes on this host over loopback; exec events of "
            + Contender.eventBytes()
            + " bytes");
    table.note(
        "acknowledged from the page cache by all three; on the disk every 100 ms with Interdict and"
            + " Kafka (log.flush.interval.ms), as its server decides with NATS");
    table.note(
        "Interdict: TLS 1.3 with both certificates, sealed batches, zstd, a flush every 5 ms; Kafka:"
            + " no TLS, zstd, linger.ms=5, acks=1, one partition; NATS: no TLS, no compression");
    table.note(
        "nodes_N, instances_2: "
            + NODES_RATE
            + " events/s in all, in batches of "
            + NODES_BATCH
            + " of a node, so that only the number of nodes differs; the nodes are one process");
    table.note("latency_N: at N % of what the same system did in throughput, at most 200,000/s");
    if (settings.quick()) {
      table.note("a quick run: its figures mean nothing");
    }
  }

  private interface Start {
    Contender start(Path directory) throws IOException, InterruptedException;
  }

  private static void measure(Table table, Settings settings, Path directory) throws Exception {
    boolean compares = settings.wants(THROUGHPUT);
    for (int load : LOADS) {
      compares |= settings.wants("latency_" + load);
    }
    if (compares) {
      Map<String, Start> starts = new LinkedHashMap<>();
      starts.put("interdict", place -> Contender.interdict(place, 1));
      starts.put("kafka", Contender::kafka);
      starts.put("nats", Contender::nats);
      for (Map.Entry<String, Start> start : starts.entrySet()) {
        Path place = Files.createDirectory(directory.resolve(start.getKey()));
        attempt(
            table,
            start.getKey(),
            () -> {
              try (Contender contender = start.getValue().start(place)) {
                compare(table, settings, contender);
              }
            });
      }
    }
    for (int nodes : NODES) {
      if (settings.wants("nodes_" + nodes) && (!settings.quick() || nodes <= 10)) {
        String subcase = "nodes_" + nodes;
        attempt(table, subcase, () -> scale(table, settings, directory, subcase, nodes, 1));
      }
    }
    if (settings.wants("instances_2")) {
      attempt(table, "instances_2", () -> scale(table, settings, directory, "instances_2", 10, 2));
    }
    if (settings.wants(HISTORY)) {
      Path place = Files.createDirectory(directory.resolve(HISTORY));
      attempt(table, HISTORY, () -> history(table, settings, place));
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  /** What one case cannot do is told, and the figures of the others as well. */
  private static void attempt(Table table, String what, Attempt attempt) throws Exception {
    try {
      attempt.run();
    } catch (IOException e) {
      System.err.println(what + " failed: " + e.getMessage());
      table.note(what + " failed: " + e.getMessage());
    }
  }

  private static void compare(Table table, Settings settings, Contender contender)
      throws IOException {
    long warm = settings.quick() ? 50_000 : 3_000_000; // until the second compiler is done
    int count = settings.quick() ? 200_000 : 4_000_000;
    System.err.println("throughput of " + contender.name());
    Measurement most = contender.measure(warm, count, 0);
    if (settings.wants(THROUGHPUT)) {
      add(table, contender, THROUGHPUT, "events_per_second", most.eventsPerSecond(), "1/s");
      add(
          table,
          contender,
          THROUGHPUT,
          "megabytes_per_second",
          most.eventsPerSecond() * Contender.eventBytes() / 1e6,
          "MB/s");
      add(table, contender, THROUGHPUT, "events_per_cpu_second", most.eventsPerCpuSecond(), "1/s");
      add(
          table,
          contender,
          THROUGHPUT,
          "cpu_seconds_per_million",
          1e6 / most.eventsPerCpuSecond(),
          "s");
      add(table, contender, THROUGHPUT, "memory", most.memoryMib(), "MiB");
    }
    for (int load : LOADS) {
      String subcase = "latency_" + load;
      if (settings.wants(subcase)) {
        long rate =
            Math.max(100, Math.min(MAX_LATENCY_RATE, (long) (most.eventsPerSecond() * load / 100)));
        int seconds = settings.quick() ? 2 : 20;
        System.err.println(subcase + " of " + contender.name() + " at " + rate + "/s");
        Measurement at = contender.measure(rate * seconds / 4, (int) (rate * seconds), rate);
        add(table, contender, subcase, "rate", rate, "1/s");
        add(table, contender, subcase, "p50_ms", at.p50Millis(), "ms");
        add(table, contender, subcase, "p99_ms", at.p99Millis(), "ms");
        add(table, contender, subcase, "p99_9_ms", at.p999Millis(), "ms");
        add(table, contender, subcase, "events_per_cpu_second", at.eventsPerCpuSecond(), "1/s");
      }
    }
  }

  private static void add(
      Table table, Contender contender, String subcase, String metric, double value, String unit) {
    if (contender.name().equals("interdict")) {
      table.ours(subcase, metric, value, unit);
    } else {
      table.peer(subcase, metric, value, unit, contender.name());
    }
  }

  /** The same events in all and in the same batches, from more nodes. */
  private static void scale(
      Table table, Settings settings, Path directory, String subcase, int nodes, int instances)
      throws IOException {
    System.err.println(subcase);
    Path place = Files.createDirectory(directory.resolve(subcase));
    int seconds = settings.quick() ? 3 : 20;
    try (Contender contender = Contender.interdict(place, instances)) {
      Measurement at =
          contender.measureNodes(
              nodes, NODES_RATE * seconds, (int) NODES_RATE * seconds, NODES_RATE, NODES_BATCH);
      table.ours(subcase, "rate", at.eventsPerSecond(), "1/s");
      table.ours(subcase, "events_per_cpu_second", at.eventsPerCpuSecond(), "1/s");
      table.ours(
          subcase, "backplane_cpu_per_event", at.brokerCpuSeconds() * 1e6 / at.events(), "us");
      table.ours(subcase, "memory", at.memoryMib(), "MiB");
    }
  }

  /** What a node has recorded, through a backplane, beside a copy of its files to a socket. */
  private static void history(Table table, Settings settings, Path place) throws IOException {
    System.err.println(HISTORY);
    try (Contender contender = Contender.interdict(place, 1)) {
      int count = settings.quick() ? 300_000 : 4_000_000;
      Contender.History history = contender.measureHistory(count / 4, count);
      double seconds = count / history.measured().eventsPerSecond();
      table.ours(HISTORY, "disk_megabytes_per_second", history.bytes() / 1e6 / seconds, "MB/s");
      table.peer(
          HISTORY,
          "disk_megabytes_per_second",
          PlainCopy.megabytesPerSecond(history.segments()),
          "MB/s",
          "plain_copy");
      table.ours(
          HISTORY,
          "event_megabytes_per_second",
          history.measured().eventsPerSecond() * Contender.eventBytes() / 1e6,
          "MB/s");
      table.ours(HISTORY, "events_per_second", history.measured().eventsPerSecond(), "1/s");
      table.ours(HISTORY, "events_per_cpu_second", history.measured().eventsPerCpuSecond(), "1/s");
      table.ours(
          HISTORY,
          "backplane_cpu_per_event",
          history.measured().brokerCpuSeconds() * 1e6 / count,
          "us");
    }
    table.note(
        "history: read by a consumer through TLS and a backplane, unpacked and in order, beside the"
            + " same files by sendfile to a socket that throws them away");
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
