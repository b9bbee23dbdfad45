package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DetectCommandTest {
  private static final String RULE =
      """
      title: %s
      id: %s
      author: Test
      tags: [attack.t1033]
      level: %s
      logsource: {category: process_creation, product: linux}
      detection:
        selection: {Image|endswith: /%s}
        condition: selection
      """;
  private static final String KEYWORDS =
      """
      title: Needs log text
      id: 33333333-3333-4333-8333-333333333333
      logsource: {product: linux, service: sshd}
      detection:
        keywords: [refused]
        condition: keywords
      """;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path rules;

  @BeforeEach
  void writeRules() throws IOException {
    rules = Files.createDirectory(directory.resolve("rules"));
    Files.writeString(
        rules.resolve("whoami.yml"),
        RULE.formatted("Asks", "11111111-1111-4111-8111-111111111111", "low", "whoami"));
    Files.writeString(
        rules.resolve("ls.yml"),
        RULE.formatted("Lists", "22222222-2222-4222-8222-222222222222", "informational", "ls"));
    Files.writeString(rules.resolve("text.yml"), KEYWORDS);
  }

  @Test
  void shouldPrintAnObjectForEachAlert() throws IOException {
    Path trace =
        trace(
            """
            {"event": "process_exec", "pid": 1, "Image": "/bin/whoami", "seq": 40}
            {"gap": {"count": 2}}
            {"event": "process_exec", "pid": 2, "Image": "/bin/ls"}
            {"event": "process_exec", "pid": 3, "Image": "/bin/cat", "seq": 41}
            """);

    assertThat(detect("--json", trace.toString())).isEqualTo(ExitCode.OK);

    assertThat(out.toString().lines())
        .hasSize(2)
        .anyMatch(
            line ->
                line.contains("\"rule_id\":\"11111111-1111-4111-8111-111111111111\"")
                    && line.contains("\"rule_title\":\"Asks\",\"level\":\"low\"")
                    && line.contains("\"attack\":[\"T1033\"]")
                    && line.contains("\"key\":\"lineage=0000000000000001\"")
                    && line.endsWith("\"evidence\":[{\"seq\":40}]}"))
        .anyMatch(
            line ->
                line.contains("\"level\":\"informational\"")
                    && line.endsWith("\"evidence\":[{\"line\":2}]}"));
    assertThat(err.toString())
        .contains("1 of 3 rules cannot fire here (-v names them)")
        .contains("1 gaps: what was lost there was not judged");
  }

  @Test
  void shouldEndWellWithoutAlertsAndNameWhatCannotFire() throws IOException {
    Path trace = trace("{\"event\": \"process_exec\", \"pid\": 3, \"Image\": \"/bin/cat\"}\n");

    assertThat(detect("-v", trace.toString())).isEqualTo(ExitCode.OK);

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("text.yml:1: Needs log text: service sshd: needs log text");
  }

  @Test
  void shouldSayWhereTheInputIsBadAndStillPrintWhatCameBefore() throws IOException {
    Path trace =
        trace("{\"event\": \"process_exec\", \"pid\": 1, \"Image\": \"/bin/whoami\"}\n{oops\n");

    assertThat(detect("--format", "sigma", trace.toString())).isEqualTo(ExitCode.USAGE);

    assertThat(out.toString()).contains("low Asks: /bin/whoami (pid 1). [T1033] line=0");
    assertThat(err.toString()).contains(trace + ":2: not JSON");
    assertThat(detect(directory.resolve("absent").toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no such file or directory: ");
    Files.writeString(rules.resolve("bad.yml"), "title: x\n");
    assertThat(detect(trace.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("bad.yml:1: ");
  }

  private Path trace(String lines) throws IOException {
    return Files.writeString(directory.resolve("trace.jsonl"), lines);
  }

  private int detect(String... arguments) {
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 3];
    all[0] = "detect";
    all[1] = "--rules";
    all[2] = rules.toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return command.execute(all);
  }
}
