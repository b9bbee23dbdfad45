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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the agent costs the work of a host: each workload without it and with it in turn, a few runs
 * each, so that a noisy machine does not decide. With it means that recorder and uplink run, hooks
 * are attached, and the agent has seen the workload before: what its compiler costs it in its first
 * seconds is told apart, a sensor runs for months.
 */
final class OverheadSubject implements Subject {
  private static final int PAIRS = 15;
  private static final int RUNS = 3; // in turn, with one start of the agent
  private static final int WARM_UP_RUNS = 3;
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

  /** A run with the agent, and what that used meanwhile. */
  private record Run(Workload.Cost cost, double agentCpu, double agentRss) {}

  /** Runs with one agent; before them, {@code agentWarmUp} is what its start and warm-up took. */
  private record Watched(
      List<Run> runs, double agentWarmUp, double agentPeak, long lost, long missing) {}

  /** As many runs without the agent as with it. */
  private record Turn(List<Workload.Cost> without, Watched with) {}

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
          List<Turn> turns = new ArrayList<>();
          for (int done = 0; done < pairs; done += RUNS) {
            Turn turn = bench.turn(scaled, Math.min(RUNS, pairs - done), turns.size() % 2 == 0);
            turns.add(turn);
            say(workload.name(), done, pairs, turn);
          }
          add(table, scaled, turns);
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

  static Process startRelay(Path identity) throws IOException {
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

  static int port(Process relay) throws IOException {
    String line = relay.inputReader().readLine();
    if (line == null) {
      throw new IOException("the relay did not start");
    }
    return Integer.parseInt(line);
  }

  /** The place where all pairs are measured. */
  private record Bench(Path folder, Path launcher, Path identity, int port) {

    Turn turn(Workload workload, int runs, boolean withoutFirst)
        throws IOException, InterruptedException {
      List<Workload.Cost> without = withoutFirst ? without(workload, runs) : null;
      Watched with = with(workload, runs);
      return new Turn(without == null ? without(workload, runs) : without, with);
    }

    private List<Workload.Cost> without(Workload workload, int runs)
        throws IOException, InterruptedException {
      workload.warmUp(folder);
      List<Workload.Cost> costs = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        costs.add(workload.run(folder));
      }
      return costs;
    }

    private Watched with(Workload workload, int count) throws IOException, InterruptedException {
      Path data = folder.resolve("agent");
      delete(data);
      String pattern = Workload.data(folder) + "/*";
      List<String> watched = workload.watched() ? List.of(pattern) : List.of();
      List<Run> runs = new ArrayList<>();
      double warmUp;
      double peak;
      JsonNode status;
      try (AgentProcess agent = AgentProcess.start(launcher, data, identity, port, watched)) {
        workload.warmUp(folder);
        for (int i = 0; i < WARM_UP_RUNS; i++) {
          workload.run(folder);
        }
        agent.settle();
        warmUp = agent.cpuSeconds();
        for (int i = 0; i < count; i++) {
          double before = agent.cpuSeconds();
          Workload.Cost cost = workload.run(folder);
          agent.settle();
          runs.add(new Run(cost, agent.cpuSeconds() - before, agent.rssMib()));
        }
        peak = agent.peakRssMib();
        status = agent.status();
      }
      long lost = AgentProcess.lost(status);
      long opens =
          workload.copies() * (workload.rounds() * (WARM_UP_RUNS + count) + workload.warmUp());
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
      return new Watched(runs, warmUp, peak, lost, missing);
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

  private static void say(String name, int done, int pairs, Turn turn) {
    for (int i = 0; i < turn.without.size(); i++) {
      Workload.Cost without = turn.without.get(i);
      Run with = turn.with.runs.get(i);
      System.err.printf(
          "%s %d/%d: without %.2f s (CPU %.2f), with %.2f s (CPU %.2f), agent %.2f s, %.0f MiB%n",
          name,
          done + i + 1,
          pairs,
          without.wall(),
          without.cpu(),
          with.cost.wall(),
          with.cost.cpu(),
          with.agentCpu,
          with.agentRss);
    }
    if (turn.with.lost > 0) {
      System.err.printf("%s: lost %d%n", name, turn.with.lost);
    }
  }

  private static void add(Table table, Workload workload, List<Turn> turns) {
    String name = workload.name();
    double[] falco = PUBLISHED.get(workload.program());
    List<Workload.Cost> without = new ArrayList<>();
    List<Run> with = new ArrayList<>();
    double warmUp = 0;
    double peak = 0;
    long lost = 0;
    long missing = 0;
    for (Turn turn : turns) {
      without.addAll(turn.without);
      with.addAll(turn.with.runs);
      warmUp += turn.with.agentWarmUp / turns.size();
      peak = Math.max(peak, turn.with.agentPeak);
      lost += turn.with.lost;
      missing += turn.with.missing;
    }
    int pairs = with.size();
    double[] wall = new double[pairs];
    double[] cpu = new double[pairs];
    double[] own = new double[pairs];
    double rss = 0;
    for (int i = 0; i < pairs; i++) {
      Run run = with.get(i);
      wall[i] = run.cost.wall() / without.get(i).wall();
      cpu[i] = run.cost.cpu() / without.get(i).cpu();
      own[i] = 100 * run.agentCpu / run.cost.wall();
      rss = Math.max(rss, run.agentRss);
    }
    boolean published = workload.copies() == 1;
    estimate(table, name, "wall_ratio", wall, "x", published ? falco[0] : Double.NaN);
    estimate(table, name, "cpu_ratio", cpu, "x", published ? falco[1] : Double.NaN);
    estimate(table, name, "agent_cpu_percent", own, "%", published ? falco[2] : Double.NaN);
    table.ours(name, "agent_start_cpu_seconds", warmUp, "s");
    table.ours(name, "rss_mib", rss, "MiB");
    table.ours(name, "peak_rss_mib", peak, "MiB");
    table.published(name, "rss_mib", PUBLISHED_RSS, "MiB", FALCO);
    table.ours(name, "lost", lost, "events");
    if (workload.watched()) {
      table.ours(name, "missing", missing, "events");
      double[] rate = new double[pairs];
      for (int i = 0; i < pairs; i++) {
        rate[i] = workload.copies() * workload.rounds() / with.get(i).cost.wall();
      }
      table.ours(name, "opens_per_second", Ratios.median(rate), Ratios.interval(rate), "1/s");
    }
    if (workload.copies() > 1) {
      double runs = pairs + (double) WARM_UP_RUNS * turns.size();
      double all = workload.copies() * workload.rounds() * runs;
      table.ours(name, "lost_percent", 100 * lost / all, "%");
      table.published(name, "lost_percent", PUBLISHED_LOST, "%", FALCO);
    }
    noise(table, name, without);
  }

  private static void estimate(
      Table table, String name, String metric, double[] values, String unit, double falco) {
    table.ours(name, metric, Ratios.median(values), Ratios.interval(values), unit);
    if (!Double.isNaN(falco)) {
      table.published(name, metric, falco, unit, FALCO);
    }
  }

  /** Runs without the agent, each against the one before: what would be seen if it cost nothing. */
  private static void noise(Table table, String name, List<Workload.Cost> runs) {
    if (runs.size() < 2) {
      return;
    }
    double[] wall = new double[runs.size() - 1];
    double[] cpu = new double[runs.size() - 1];
    for (int i = 1; i < runs.size(); i++) {
      wall[i - 1] = runs.get(i).wall() / runs.get(i - 1).wall();
      cpu[i - 1] = runs.get(i).cpu() / runs.get(i - 1).cpu();
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
            + " pairs per case, "
            + RUNS
            + " runs without and with the agent in turn");
    table.note(
        "ratios and per cent: median of the pairs, with its 95 % bootstrap interval; noise: runs"
            + " without the agent against the one before, with their 10th to 90th percentile");
    table.note(
        "agent_cpu_percent: of one core, from the start of the workload until the agent has caught"
            + " up, over the wall time of the workload; agent_start_cpu_seconds: all that it used before,"
            + " with its start and "
            + WARM_UP_RUNS
            + " runs of the workload; rss_mib: the highest after a run");
    table.note(
        "backplane and consumer of the uplink run on this machine, too, and are not in"
            + " agent_cpu_percent");
    table.note(
        "rows of " + FALCO + ", are constants: do not compare them closer than by surcharge");
  }

  static void delete(Path folder) throws IOException {
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
