package dev.interdict.benchmarks;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./interdict bench NAME}: measures one subject and prints one table. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures one subject against its peers in the same run and prints a table of ratios.",
      "Absolute figures depend on the machine; trust the ratios.",
      "",
      "Without NAME: lists the subjects."
    },
    footer = {
      "",
      "Examples:",
      "  interdict bench decode --json > decode.json",
      "  interdict bench overhead --pairs 5 --case forkexec tcpconn"
    })
public final class Bench implements Callable<Integer> {
  private static final List<Subject> SUBJECTS =
      List.of(
          new DecodeSubject(),
          new EngineSubject(),
          new SensorSubject(),
          new OverheadSubject(),
          new BenignSubject(),
          new FaultsSubject(),
          new ArchiveDaySubject(),
          new BackplaneSubject(),
          new StorageSubject(),
          new ContainmentSubject());

  private static final int MAX_PAIRS = 1000;
  private static final int MAX_MINUTES = 24 * 60;
  private static final long MAX_ROWS = 10_000_000_000L;

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "What to measure.")
  private String name;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Option(names = "--markdown", description = "Print the table as Markdown.")
  private boolean markdown;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description =
          "Runs with and without, where a benchmark compares so (default: 15); attacks of"
              + " containment (default: 200).")
  private int pairs;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long, where a benchmark runs for a time (faults, archive_day).")
  private int minutes;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description =
          "How many, where a benchmark takes a number of rows (storage; default: 100 million).")
  private long rows;

  @Option(
      names = "--case",
      paramLabel = "CASE",
      arity = "1..*",
      split = ",",
      description = "Only these cases.")
  private List<String> cases = new ArrayList<>();

  @Option(
      names = "--quick",
      description = "A short run that shows that the benchmark works; its figures mean nothing.")
  private boolean quick;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      SUBJECTS.forEach(subject -> out.printf("%-14s %s%n", subject.name(), subject.about()));
      return 0;
    }
    Subject subject =
        SUBJECTS.stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "no benchmark named "
                            + name
                            + "; there are: "
                            + String.join(", ", SUBJECTS.stream().map(Subject::name).toList())));
    check(subject);
    Table table = new Table(subject.name());
    subject.measure(table, new Settings(quick, pairs, minutes, rows, cases));
    if (json) {
      out.println(table.toJson());
      out.flush();
    } else if (markdown) {
      table.printMarkdown(out);
    } else {
      table.print(out);
    }
    return 0;
  }

  private void check(Subject subject) {
    if (pairs < 0 || pairs > MAX_PAIRS) {
      throw new ParameterException(
          spec.commandLine(), "invalid --pairs=" + pairs + ", expected 1 to " + MAX_PAIRS);
    }
    if (minutes < 0 || minutes > MAX_MINUTES) {
      throw new ParameterException(
          spec.commandLine(), "invalid --minutes=" + minutes + ", expected 1 to " + MAX_MINUTES);
    }
    if (rows < 0 || rows > MAX_ROWS) {
      throw new ParameterException(
          spec.commandLine(), "invalid --rows=" + rows + ", expected 1 to " + MAX_ROWS);
    }
    for (String wanted : cases) {
      if (!subject.cases().contains(wanted)) {
        throw new ParameterException(
            spec.commandLine(),
            subject.name()
                + " has no case "
                + wanted
                + (subject.cases().isEmpty()
                    ? "; it is measured as a whole"
                    : "; there are: " + String.join(", ", subject.cases())));
      }
    }
  }
}
