package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PolicyCommandTest {
  @TempDir private Path directory;

  private record Run(int code, String out, String err) {}

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));
    int code = command.execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void shouldSayWhatIsWrongByFileAndLine() throws IOException {
    String good = file("good.yaml", "name: a\nmode: observe\n---\nname: b\nmode: observe\n");
    String bad = file("bad.yaml", "name: a\nmode: observe\nlimits: {perWorkload: many}\n");

    Run run = run("policy", "lint", good, bad);

    assertThat(run.code()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out())
        .isEqualTo(
            """
            %1$s: warning: policy b is never reached: a above matches everything
            %1$s: policies a, b
            %2$s:3: invalid limits.perWorkload=many expected a number, / and a time, as in 3/10m
            """
                .formatted(good, bad));
    assertThat(run("policy", "lint", good).code()).isEqualTo(ExitCode.OK);
    assertThat(run("policy", "lint", "nowhere").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void shouldTellWhatAPolicyWouldHaveDone() throws IOException {
    String policy = file("p.yaml", "{name: p, mode: dryrun, actions: {cut: true}}");
    String alert =
        "{\"id\":\"%s\",\"time\":\"2026-11-01T12:0%s:00Z\",\"rule_id\":\"r\",\"level\":\"high\","
            + "\"entity_node\":\"n\",\"entity_cgroup\":\"/x\"}\n";
    String alerts = file("alerts.jsonl", alert.formatted("a", 1) + alert.formatted("b", 2));

    Run run = run("policy", "simulate", "--policy", policy, alerts);

    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out().lines())
        .hasSize(4)
        .startsWith("2026-11-01T12:01:00Z r /x: act, policy p: cut for 10m")
        .endsWith(
            "2 alerts",
            "policy p: 1 acted upon, 0 asked about, 1 held back by a rail, 0 only told");
    assertThat(
            run(
                    "policy",
                    "simulate",
                    "--policy",
                    policy,
                    "--json",
                    "--from",
                    "2026-11-01T12:01:30Z",
                    alerts)
                .out())
        .contains("\"state\":\"DECIDED\"")
        .hasLineCount(1);
    assertThat(run("policy", "simulate", file("x.jsonl", "x")).err())
        .contains("x.jsonl:1: not JSON");
  }
}
