package dev.interdict.benchmarks;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.recorded.RecordedEvents;
import dev.interdict.jobs.recorded.RecordedFormat;
import dev.interdict.jobs.sequence.RecordedDetection;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * How often the built-in rules cry wolf: ordinary work is done under the agent, and what it has
 * recorded of that work is judged by the detector of the live job. Alerts are counted one by one,
 * as they are before repeated ones are folded.
 */
final class BenignSubject implements Subject {
  /** How often a node does such work in a day: an assumption, stated with the result. */
  static final Map<String, Integer> PER_DAY =
      Map.of("package", 1, "compile", 24, "jvm", 4, "ci", 24, "cron", 24, "ssh", 12);

  private static final List<String> CASES =
      List.of("package", "compile", "jvm", "ci", "cron", "ssh");
  private static final List<Level> LEVELS =
      List.of(Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW);
  private static final String DAY = "node_and_day";
  private static final long SELF = ProcessHandle.current().pid();
  private static final Ancestor INIT =
      Ancestor.newBuilder()
          .setId(1)
          .setPid(1)
          .setExe("/usr/lib/systemd/systemd")
          .setCommandLine("/sbin/init")
          .build();

  /** What one case gave. */
  private record Judgement(long events, List<Alert> alerts) {
    long count(Level level) {
      return alerts.stream().filter(alert -> alert.getLevel() == level).count();
    }

    /** Rules by level, with how often each of them found something. */
    String rules() {
      Map<String, Long> counts = new TreeMap<>();
      alerts.forEach(
          alert ->
              counts.merge(name(alert.getLevel()) + ": " + alert.getRuleTitle(), 1L, Long::sum));
      return counts.toString();
    }
  }

  @Override
  public String name() {
    return "benign";
  }

  @Override
  public String about() {
    return "alerts of the built-in rules on ordinary work (root; apt-get, gcc, JDK, git)";
  }

  @Override
  public List<String> cases() {
    return CASES;
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    String launcher = System.getProperty("interdict.launcher");
    if (launcher == null) {
      throw new IllegalStateException(
          "interdict.launcher is not set: run this as ./interdict bench benign");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new IllegalStateException("the agent needs root: run this as root");
    }
    Path folder = Files.createTempDirectory("idb");
    Path identity = Files.createDirectories(folder.resolve("identity"));
    Path data = folder.resolve("agent");
    List<String> done = new ArrayList<>();
    Process relay = OverheadSubject.startRelay(identity);
    try (ThrowAwayHost host = ThrowAwayHost.start(folder)) {
      int port = OverheadSubject.port(relay);
      try (AgentProcess agent =
          AgentProcess.start(Path.of(launcher), data, identity, port, List.of())) {
        for (String subcase : CASES) {
          if (settings.wants(subcase) && work(host, subcase, table)) {
            done.add(subcase);
          }
        }
        agent.settle();
      }
      judge(host, data.resolve("recorder"), done, table);
    } finally {
      relay.destroy();
      relay.waitFor(10, TimeUnit.SECONDS);
      OverheadSubject.delete(folder);
    }
  }

  /** Whether it could be done. */
  private static boolean work(ThrowAwayHost host, String subcase, Table table)
      throws IOException, InterruptedException {
    System.err.println(subcase + ": preparing");
    ThrowAwayHost.Outcome prepared = host.prepare(subcase);
    if (prepared.status() != 0) {
      String why = prepared.status() == ThrowAwayHost.CANNOT_RUN ? "" : "status, ";
      table.note("skipped: " + subcase + ": " + why + prepared.said());
      return false;
    }
    long started = System.nanoTime();
    ThrowAwayHost.Outcome worked = host.work(subcase);
    double seconds = (System.nanoTime() - started) / 1e9;
    System.err.printf("%s: status %d after %.0f s%n", subcase, worked.status(), seconds);
    if (worked.status() != 0) {
      table.note("ended early: " + subcase + ": " + worked.said());
    }
    table.ours(subcase, "seconds", seconds, "s");
    return true;
  }

  private static void judge(ThrowAwayHost host, Path recorder, List<String> done, Table table)
      throws IOException {
    RuleSet rules = RuleSet.builtin();
    Map<Level, Long> perDay = new TreeMap<>();
    for (String subcase : done) {
      Judgement judgement = judge(rules, recorder, host.cgroup(subcase));
      if (judgement.events == 0) {
        throw new IOException(
            "nothing was recorded of " + subcase + ", cgroup " + host.cgroup(subcase));
      }
      table.ours(subcase, "events", judgement.events, "events");
      for (Level level : LEVELS) {
        long count = judgement.count(level);
        table.ours(subcase, "alerts_" + name(level), count, "alerts");
        perDay.merge(level, count * PER_DAY.get(subcase), Long::sum);
      }
      judgement.alerts.forEach(
          alert ->
              System.err.println(
                  subcase + ": " + name(alert.getLevel()) + ": " + alert.getMessage()));
      if (!judgement.alerts.isEmpty()) {
        table.note(subcase + ": " + judgement.rules());
      }
    }
    if (done.isEmpty()) {
      return;
    }
    for (Level level : LEVELS) {
      table.ours(DAY, "alerts_" + name(level), perDay.get(level), "alerts");
    }
    table.note(
        DAY
            + ": each case times how often a node is taken to do it in a day: "
            + new TreeMap<>(PER_DAY)
            + (done.size() < CASES.size() ? ", of those that ran: " + done : ""));
    table.note(
        rules.rules().size()
            + " rules, "
            + rules.correlations().size()
            + " sequences and counts; alerts before folding; events of others on this host are left out");
  }

  /** Of the events of one cgroup, and of the node's clock. */
  private static Judgement judge(RuleSet rules, Path recorder, String cgroup) throws IOException {
    List<Alert> alerts = new ArrayList<>();
    Set<String> told = new HashSet<>();
    EventView view = new EventView();
    long count = 0;
    try (RecordedEvents events = RecordedFormat.INTERDICT.open(recorder);
        RecordedDetection detection =
            new RecordedDetection(
                rules,
                false,
                alert -> {
                  if (told.add(alert.getId())) {
                    alerts.add(alert);
                  }
                })) {
      for (NodeEvent event = events.next(); event != null; event = events.next()) {
        boolean clock = event.kind() == Kind.TICK_VALUE;
        if (!clock && !isOf(view.wrap(event.body(), 0, event.body().length), cgroup)) {
          continue;
        }
        count += clock ? 0 : 1;
        detection.process(clock ? event : startedByInit(event));
      }
    }
    return new Judgement(count, alerts);
  }

  /** With this process, which is an ancestor of all that was done, in the place of init. */
  private static NodeEvent startedByInit(NodeEvent recorded) throws IOException {
    Event event = Event.parseFrom(recorded.body());
    List<Ancestor> ancestors = event.getProcess().getAncestorsList();
    int self = 0;
    while (self < ancestors.size() && ancestors.get(self).getPid() != SELF) {
      self++;
    }
    if (self == ancestors.size()) {
      return recorded; // deeper than what is recorded of ancestors
    }
    Event.Builder changed = event.toBuilder();
    changed
        .getProcessBuilder()
        .clearAncestors()
        .addAllAncestors(ancestors.subList(0, self))
        .addAncestors(INIT);
    return new NodeEvent(
        recorded.node(),
        recorded.epoch(),
        recorded.sequence(),
        recorded.time(),
        recorded.kind(),
        changed.build().toByteArray());
  }

  private static boolean isOf(EventView event, String cgroup) {
    String of = event.string(Field.PROCESS_CGROUP);
    return of != null && of.contains(cgroup);
  }

  private static String name(Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
