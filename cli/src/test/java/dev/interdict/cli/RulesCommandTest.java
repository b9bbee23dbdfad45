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

class RulesCommandTest {
  private static final String RULE =
      """
      title: Drops into shared memory
      id: 11111111-1111-4111-8111-111111111111
      tags:
        - attack.t1036.005
      logsource:
        category: process_creation
        product: linux
      detection:
        selection:
          Image|startswith: /dev/shm/
        condition: selection
      tests:
        match:
          - {kind: exec, process.exe: /dev/shm/x}
        no_match:
          - {kind: exec, process.exe: %s}
      """;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldAcceptTheBuiltinContent() {
    assertThat(run("rules", "lint")).isEqualTo(ExitCode.OK);
    assertThat(run("rules", "test")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains(" 0 failed; 0 rules and sequences have no test");
  }

  @Test
  void shouldNameFileAndLineOfAMistake() throws IOException {
    Path file = write(RULE.formatted("/bin/ls").replace("Image|startswith", "Image|begins"));

    assertThat(run("rules", "lint", directory.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString()).contains(file + ":10: unknown modifier begins");
    assertThat(run("rules", "test", directory.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(file + ":10: unknown modifier begins");
  }

  @Test
  void shouldFailOnATestThatDoesNotHold() throws IOException {
    write(RULE.formatted("/dev/shm/harmless"));

    assertThat(run("rules", "test", directory.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString())
        .contains("rule.yml:16: Drops into shared memory: matches, but must not")
        .contains("2 tests, 1 failed");
  }

  @Test
  void shouldSayWhyARuleCannotFire() throws IOException {
    write(RULE.formatted("/bin/ls") + "---\n" + refused());

    assertThat(run("rules", "coverage", directory.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("yes  Drops into shared memory")
        .contains(
            "no   Asks for a name: can never match here: field DestinationHostname: connections carry addresses: no host names")
        .contains("T1036.005     1")
        .contains("1 of 2 can fire here, 1 techniques");
    assertThat(run("rules", "coverage", "--json", directory.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains(
            "\"fires\":false,\"reason\":\"can never match here: field DestinationHostname: connections carry addresses: no host names\"");
  }

  @Test
  void shouldRefuseADirectoryThatDoesNotExist() {
    assertThat(run("rules", "lint", directory.resolve("none").toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no such file or directory");
  }

  private static String refused() {
    return """
        title: Asks for a name
        id: 22222222-2222-4222-8222-222222222222
        logsource:
          category: network_connection
          product: linux
        detection:
          selection:
            DestinationHostname: evil.example
          condition: selection
        """;
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("rule.yml"), text);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    CommandLine command = Interdict.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
