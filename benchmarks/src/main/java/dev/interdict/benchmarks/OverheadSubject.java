package dev.interdict.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interdict.record.BatchMerge;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the agent costs the work of a host: each workload without it and with it in turn, so that a
 * noisy machine does not decide. With it means from its start on: recorder and uplink run, hooks
 * are attached, the JVM has been warmed up by a part of the workload.
 */
final class OverheadSubject implements Subject {
  private static final int PAIRS = 15;
  private static final String FALCO = "falco 0.44, other machine";

  /** Wall ratio, CPU ratio, per cent of a core, by workload. Measured once, on another machine. */
  private static final Map<Workload.Program, double[]> PUBLISHED =
      Map.of(
          Workload.Program.FORKEXEC, new double[] {1.14, 1.08, 14},
          Workload.Program.OPENCLOSE, new double[] {1.61, 1.61, 77},
          Workload.Program.COMPILE, new double[] {1.08, 1.04, 10},
          Workload.Program.TCPCONN, new double[] {1.26, 1.22, 12});

  private static final double PUBLISHED_RSS = 58;
  private static final double PUBLISHED_LOST = 18; // of 4 million, when two loops ran at once

  /** A pair of runs, and what the agent used meanwhile. */
  private record Pair(
      Workload.Cost without,
      Workload.Cost with,
      double agentCpu,
      double agentRss,
      double agentPeak,
      long lost,
      long missing) {}

  @Override
  public String name() {
    return "overhead";
  }

  @Override
  public String about() {
    return "workloads with the agent, against the same without it (root; gcc and make)";
  }

  @Override
  public List<String> cases() {
    return Workload.ALL.stream().map(Workload::name).toList();
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    String launcher = System.getProperty("interdict.launcher");
    if (launcher == null) {
      throw new IllegalStateException(
          "interdict.launcher is not set: run this as ./interdict bench overhead");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new IllegalStateException("the agent needs root: run this as root");
    }
    Path folder = Files.createTempDirectory("idb");
    Path identity = Files.createDirectories(folder.resolve("identity"));
    Process relay = null;
    try {
      Workload.prepare(folder);
      relay = startRelay(identity);
      int port = port(relay);
      Bench bench = new Bench(folder, Path.of(launcher), identity, port);
      for (Workload workload : Workload.ALL) {
        if (settings.wants(workload.name())) {
          Workload scaled = settings.quick() ? workload.quick() : workload;
          int pairs = settings.pairs(PAIRS);
          Pair[] measured = new Pair[pairs];
          for (int i = 0; i < pairs; i++) {
            measured[i] = bench.pair(scaled, i % 2 == 0);
            say(workload.name(), i, pairs, measured[i]);
          }
          add(table, workload, measured);
        }
      }
      notes(table, settings.pairs(PAIRS));
    } finally {
      if (relay != null) {
        relay.destroy();
        relay.waitFor(10, TimeUnit.SECONDS);
      }
      delete(folder);
    }
  }

  private static Process startRelay(Path identity) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Relay.class.getName(),
            identity.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static int port(Process relay) throws IOException {
    String line = relay.inputReader().readLine();
    if (line == null) {
      throw new IOException("the relay did not start");
    }
    return Integer.parseInt(line);
  }

  /** The place where all pairs are measured. */
  private record Bench(Path folder, Path launcher, Path identity, int port) {

    Pair pair(Workload workload, boolean withoutFirst) throws IOException, InterruptedException {
      Workload.Cost without = withoutFirst ? without(workload) : null;
      Pair with = with(workload);
      if (without == null) {
        without = without(workload);
      }
      return new Pair(
          without,
          with.with,
          with.agentCpu,
          with.agentRss,
          with.agentPeak,
          with.lost,
          with.missing);
    }

    private Workload.Cost without(Workload workload) throws IOException, InterruptedException {
      workload.warmUp(folder);
      return workload.run(folder);
    }

    private Pair with(Workload workload) throws IOException, InterruptedException {
      Path data = folder.resolve("agent");
      delete(data);
      String pattern = Workload.data(folder) + "/*";
      List<String> watched = workload.watched() ? List.of(pattern) : List.of();
      Workload.Cost cost;
      double cpu;
      double rss;
      double peak;
      JsonNode status;
      try (AgentProcess agent = AgentProcess.start(launcher, data, identity, port, watched)) {
        workload.warmUp(folder);
        agent.settle();
        double used = agent.cpuSeconds();
        cost = workload.run(folder);
        agent.settle();
        cpu = agent.cpuSeconds() - used;
        rss = agent.rssMib();
        peak = agent.peakRssMib();
        status = agent.status();
      }
      long lost = AgentProcess.lost(status);
      long opens = workload.copies() * (workload.rounds() + workload.warmUp());
      long missing = workload.watched() ? opens - recorded(data) : 0;
      if (missing > lost || missing < 0) {
        throw new IOException(
            "the numbers do not add up: of "
                + opens
                + " opens "
                + missing
                + " are not recorded, but lost="
                + lost);
      }
      return new Pair(null, cost, cpu, rss, peak, lost, missing);
    }

    /** Opens of the workload's files that the events on the disk stand for. */
    private long recorded(Path data) throws IOException {
      String prefix = Workload.data(folder) + "/file-";
      OfflineRecorder recorder = OfflineRecorder.open(data.resolve("recorder"));
      EventView view = new EventView();
      long found = 0;
      try (RecorderReader reader = recorder.reader(Long.MIN_VALUE, Kinds.bit(Kind.OPEN));
          BatchMerge merge = new BatchMerge()) {
        while (reader.next()) {
          merge.wrap(reader);
          while (merge.next()) {
            FrameDecoder event = merge.event();
            if (event.kind() == Kind.OPEN_VALUE) {
              view.wrap(event.array(), event.offset(), event.length());
              if (view.string(Field.FILE_PATH).startsWith(prefix)) {
                found += view.has(Field.COUNT) ? view.number(Field.COUNT) : 1;
              }
            }
          }
        }
      }
      return found;
    }
  }

  private static void say(String name, int index, int pairs, Pair pair) {
    System.err.printf(
        "%s %d/%d: without %.2f s (CPU %.2f), with %.2f s (CPU %.2f), agent %.2f s, %.0f MiB,"
            + " lost %d%n",
        name,
        index + 1,
        pairs,
        pair.without.wall(),
        pair.without.cpu(),
        pair.with.wall(),
        pair.with.cpu(),
        pair.agentCpu,
        pair.agentRss,
        pair.lost);
  }

  private static void add(Table table, Workload workload, Pair[] pairs) {
    String name = workload.name();
    double[] falco = PUBLISHED.get(workload.program());
    double[] wall = new double[pairs.length];
    double[] cpu = new double[pairs.length];
    double[] own = new double[pairs.length];
    double rss = 0;
    double peak = 0;
    long lost = 0;
    long missing = 0;
    for (int i = 0; i < pairs.length; i++) {
      Pair pair = pairs[i];
      wall[i] = pair.with.wall() / pair.without.wall();
      cpu[i] = pair.with.cpu() / pair.without.cpu();
      own[i] = 100 * pair.agentCpu / pair.with.wall();
      rss = Math.max(rss, pair.agentRss);
      peak = Math.max(peak, pair.agentPeak);
      lost += pair.lost;
      missing += pair.missing;
    }
    boolean published = workload.copies() == 1;
    estimate(table, name, "wall_ratio", wall, "x", published ? falco[0] : Double.NaN);
    estimate(table, name, "cpu_ratio", cpu, "x", published ? falco[1] : Double.NaN);
    estimate(table, name, "agent_cpu_percent", own, "%", published ? falco[2] : Double.NaN);
    table.ours(name, "rss_mib", rss, "MiB");
    table.ours(name, "peak_rss_mib", peak, "MiB");
    table.published(name, "rss_mib", PUBLISHED_RSS, "MiB", FALCO);
    table.ours(name, "lost", lost, "events");
    if (workload.watched()) {
      table.ours(name, "missing", missing, "events");
      double[] rate = new double[pairs.length];
      for (int i = 0; i < pairs.length; i++) {
        rate[i] = workload.copies() * workload.rounds() / pairs[i].with.wall();
      }
      table.ours(name, "opens_per_second", Ratios.median(rate), Ratios.interval(rate), "1/s");
    }
    if (workload.copies() > 1) {
      double all = (double) workload.copies() * workload.rounds() * pairs.length;
      table.ours(name, "lost_percent", 100 * lost / all, "%");
      table.published(name, "lost_percent", PUBLISHED_LOST, "%", FALCO);
      noise(table, name, pairs);
      return;
    }
    noise(table, name, pairs);
  }

  private static void estimate(
      Table table, String name, String metric, double[] values, String unit, double falco) {
    table.ours(name, metric, Ratios.median(values), Ratios.interval(values), unit);
    if (!Double.isNaN(falco)) {
      table.published(name, metric, falco, unit, FALCO);
    }
  }

  /** Runs without the agent, each against the one before: what would be seen if it cost nothing. */
  private static void noise(Table table, String name, Pair[] pairs) {
    if (pairs.length < 2) {
      return;
    }
    double[] wall = new double[pairs.length - 1];
    double[] cpu = new double[pairs.length - 1];
    for (int i = 1; i < pairs.length; i++) {
      wall[i - 1] = pairs[i].without.wall() / pairs[i - 1].without.wall();
      cpu[i - 1] = pairs[i].without.cpu() / pairs[i - 1].without.cpu();
    }
    table.ours(name, "noise_wall_ratio", Ratios.median(wall), spread(wall), "x");
    table.ours(name, "noise_cpu_ratio", Ratios.median(cpu), spread(cpu), "x");
  }

  private static Ratios.Interval spread(double[] values) {
    return new Ratios.Interval(Ratios.quantile(values, 0.1), Ratios.quantile(values, 0.9));
  }

  private static void notes(Table table, int pairs) {
    table.note(
        Runtime.getRuntime().availableProcessors()
            + " processors, kernel "
            + System.getProperty("os.version")
            + ", "
            + pairs
            + " pairs per case, in turn");
    table.note(
        "ratios and per cent: median of the pairs, with its 95 % bootstrap interval; noise: runs"
            + " without the agent against the one before, with their 10th to 90th percentile");
    table.note(
        "agent_cpu_percent: of one core, from the start of the workload until the agent has caught"
            + " up, over the wall time of the workload; rss_mib: the highest after a run");
    table.note(
        "backplane and consumer of the uplink run on this machine, too, and are not in"
            + " agent_cpu_percent");
    table.note(
        "rows of " + FALCO + ", are constants: do not compare them closer than by surcharge");
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
