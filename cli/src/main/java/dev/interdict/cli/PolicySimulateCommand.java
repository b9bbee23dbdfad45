package dev.interdict.cli;

import dev.interdict.response.ContainmentState;
import dev.interdict.response.ContainmentSummary;
import dev.interdict.response.InvalidAlertsException;
import dev.interdict.response.InvalidPolicyException;
import dev.interdict.response.Policies;
import dev.interdict.response.Simulation;
import dev.interdict.schema.Alert;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "simulate",
    description = {
      "What policies would have done with the alerts of the past, had they enforced.",
      "Touches nothing. Every rail counts: budgets, exemptions, ages, disarming.",
      "Owners of containers are not known afterwards: what asks for `owner` matches nothing here."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "ALERTS is a responder's data directory, a file of JSON lines, or - for standard input.",
      "",
      "Examples:",
      "  interdict policy simulate --policy policy.yaml /var/lib/interdict/responder",
      "  interdict policy simulate --policy policy.yaml --from 2026-11-01T00:00:00Z alerts.jsonl",
      "  interdict detect --json FILE | interdict policy simulate --policy policy.yaml -",
      "  interdict query --format jsonl 'SELECT * FROM alerts' | interdict policy simulate -",
      "",
      "Exit codes: 0 simulated, 2 bad arguments, policy or alerts."
    })
final class PolicySimulateCommand implements Callable<Integer> {
  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "The policies to try (default: the starter set that is shipped).")
  private Path policy;

  @Option(names = "--from", paramLabel = "TIME", description = "Alerts from this time on (UTC).")
  private Instant from = Instant.MIN;

  @Option(names = "--until", paramLabel = "TIME", description = "Alerts before this time (UTC).")
  private Instant until = Instant.MAX;

  @Option(names = "--json", description = "One JSON object per alert.")
  private boolean json;

  @Parameters(paramLabel = "ALERTS", description = "The alerts.")
  private String source;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<ContainmentSummary> decisions;
    try {
      Policies policies = policy == null ? Policies.starter() : Policies.load(policy);
      List<Alert> alerts = alerts().stream().filter(this::isWithin).toList();
      decisions = Simulation.run(policies, alerts);
    } catch (InvalidPolicyException | InvalidAlertsException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    for (ContainmentSummary each : decisions) {
      if (json) {
        out.println(each.toJson());
      } else if (each.state() != ContainmentState.OBSERVED) {
        out.println(PrintableText.of(line(each)));
      }
    }
    if (!json) {
      summarise(decisions, out);
    }
    out.flush();
    return ExitCode.OK;
  }

  private List<Alert> alerts() throws IOException {
    if (source.equals("-")) {
      return Simulation.alerts(
          "<stdin>", new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    }
    Path path = Path.of(source);
    if (!Files.exists(path)) {
      throw new CommandFailure(ExitCode.USAGE, "no such file or directory: " + source);
    }
    return Simulation.alerts(path);
  }

  private boolean isWithin(Alert alert) {
    Instant time = Instant.ofEpochSecond(0, alert.getTime());
    return !time.isBefore(from) && time.isBefore(until);
  }

  private static String line(ContainmentSummary each) {
    String where = each.container().isEmpty() ? each.cgroup() : each.container();
    return "%s %s %s: %s, policy %s: %s"
        .formatted(
            each.time(), each.rule(), where, word(each.state()), each.policy(), each.reason());
  }

  private static String word(ContainmentState state) {
    return switch (state) {
      case DECIDED -> "act";
      case WAITING -> "ask";
      default -> "skip";
    };
  }

  private static void summarise(List<ContainmentSummary> decisions, PrintWriter out) {
    Map<String, int[]> byPolicy = new TreeMap<>();
    for (ContainmentSummary each : decisions) {
      int[] counts =
          byPolicy.computeIfAbsent(
              each.policy().isEmpty() ? "(none)" : each.policy(), name -> new int[4]);
      counts[
          switch (each.state()) {
            case DECIDED -> 0;
            case WAITING -> 1;
            case SKIPPED -> 2;
            default -> 3;
          }]++;
    }
    out.printf("%d alerts%n", decisions.size());
    byPolicy.forEach(
        (name, counts) ->
            out.printf(
                "policy %s: %d acted upon, %d asked about, %d held back by a rail, %d only told%n",
                name, counts[0], counts[1], counts[2], counts[3]));
  }
}
