package dev.interdict.cli;

import dev.interdict.cep.InvalidRulesException;
import dev.interdict.cep.Refusal;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.recorded.InvalidInputException;
import dev.interdict.jobs.recorded.RecordedEvents;
import dev.interdict.jobs.recorded.RecordedFormat;
import dev.interdict.jobs.sequence.RecordedDetection;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "detect",
    description = {
      "Judge recorded events as the live detection does, and print the alerts.",
      "Rules of level informational, which never alert live, are told of here."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "FILE is a file, a recorder's directory, or - for standard input.",
      "With --json each alert is an object on a line of its own: id, time, rule_id, rule_title, level,",
      "attack, key, what it is about (entity_*, container_*), and evidence: {\"seq\": N} of the record",
      "if it has a number, else {\"line\": N}, from 0.",
      "",
      "Examples:",
      "  interdict detect --rules my-rules/ /var/lib/interdict/recorder",
      "  interdict detect --rules sigma/rules/linux --format sigma --json trace.jsonl",
      "  interdict recorder export DIR - | interdict detect --json - | jq .rule_title",
      "  interdict detect --format auditd /var/log/audit/audit.log",
      "",
      "Exit codes: 0 the events were judged, with or without alerts, 2 bad arguments, rules or input."
    })
final class DetectCommand implements Callable<Integer> {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int PROGRESS_EVENTS = 4096;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "Directory with rule files, or one file; without it the built-in content.")
  private Path rules;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "auto",
      description = {
        "interdict: JSON lines of recorder export, cat --json or agent trace --json.",
        "sigma: JSON lines with Sigma's field names. auditd: the audit log, AUOMS or Sysmon in syslog.",
        "tetragon: Tetragon's JSON. auto (the default): told from the first record."
      })
  private RecordedFormat format;

  @Option(names = "--json", description = "One JSON object per alert.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Name the rules that cannot fire here, with the reason.")
  private boolean verbose;

  @Parameters(paramLabel = "FILE", description = "The recorded events.")
  private String file;

  @Spec private CommandSpec spec;

  private final Set<String> ofThisEvent = new HashSet<>();
  private PrintWriter out;
  private PrintWriter err;
  private long alerts;

  @Override
  public Integer call() throws IOException {
    out = spec.commandLine().getOut();
    err = spec.commandLine().getErr();
    RuleSet set = load();
    try (RecordedEvents events = open();
        RecordedDetection detection = new RecordedDetection(set, true, this::print)) {
      run(events, detection);
      out.flush();
      summarise(events, detection);
    } catch (InvalidInputException e) {
      out.flush();
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
    return ExitCode.OK;
  }

  private RuleSet load() throws IOException {
    RuleSet set;
    try {
      set = rules == null ? RuleSet.builtin() : RuleSet.of(RuleSource.files(rules));
    } catch (InvalidRulesException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid rules\n" + e.getMessage(), e);
    }
    if (!set.refusals().isEmpty()) {
      err.printf(
          "%d of %d rules cannot fire here%s%n",
          set.refusals().size(),
          set.refusals().size() + set.hits(),
          verbose ? ":" : " (-v names them)");
      if (verbose) {
        set.refusals().stream().map(Refusal::toString).forEach(err::println);
      }
      err.flush();
    }
    return set;
  }

  private RecordedEvents open() throws IOException {
    if (file.equals("-")) {
      return format.open("<stdin>", System.in);
    }
    Path path = Path.of(file);
    if (!Files.exists(path)) {
      throw new CommandFailure(ExitCode.USAGE, "no such file or directory: " + file);
    }
    try {
      return format.open(path);
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private void run(RecordedEvents events, RecordedDetection detection) throws IOException {
    boolean terminal = System.console() != null;
    long told = System.nanoTime();
    long count = 0;
    for (NodeEvent event = events.next(); event != null; event = events.next()) {
      ofThisEvent.clear();
      detection.process(event);
      count++;
      if (terminal && count % PROGRESS_EVENTS == 0 && System.nanoTime() - told > PROGRESS_NANOS) {
        told = System.nanoTime();
        err.printf(
            "\r%d records, up to %s, %d alerts",
            events.records(), EventLine.time(event.time()), alerts);
        err.flush();
      }
    }
  }

  private void summarise(RecordedEvents events, RecordedDetection detection) {
    if (System.console() != null) {
      err.printf("\r\033[K%d records, %d alerts%n", events.records(), alerts);
    }
    if (events.gaps() > 0) {
      err.printf("%d gaps: what was lost there was not judged%n", events.gaps());
    }
    if (events.ignored() > 0) {
      err.printf(
          "%d of %d records are of no kind that rules here speak about%n",
          events.ignored(), events.records());
    }
    if (detection.malformed() > 0) {
      err.printf("%d malformed events were not judged%n", detection.malformed());
    }
    if (detection.shed() > 0) {
      err.printf("%d partial matches were given up: over the limit%n", detection.shed());
    }
    err.flush();
  }

  private void print(Alert alert) {
    // A record that stands for several events may meet a rule by each of them.
    if (!ofThisEvent.add(alert.getId())) {
      return;
    }
    alerts++;
    out.println(json ? AlertLine.json(alert) : AlertLine.text(alert));
    out.flush();
  }
}
