package dev.interdict.benchmarks;

import java.io.PrintWriter;
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
      "  interdict bench decode",
      "  interdict bench decode --json > decode.json"
    })
public final class Bench implements Callable<Integer> {
  private static final List<Subject> SUBJECTS = List.of(new DecodeSubject());

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "What to measure.")
  private String name;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

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
    Table table = new Table(subject.name());
    subject.measure(table, quick);
    if (json) {
      out.println(table.toJson());
      out.flush();
    } else {
      table.print(out);
    }
    return 0;
  }
}
