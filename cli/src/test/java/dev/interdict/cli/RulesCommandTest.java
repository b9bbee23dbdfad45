package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.content.Explanation;
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
  void shouldWriteALayerForTheNavigator() throws IOException {
    write(RULE.formatted("/bin/ls") + "---\n" + refused() + "tags: [attack.t1071]\n");
    Path layer = directory.resolve("layer.json");

    assertThat(run("rules", "coverage", "--navigator", layer.toString(), directory.toString()))
        .isEqualTo(ExitCode.OK);
    JsonNode json = new ObjectMapper().readTree(Files.readString(layer));
    assertThat(json.path("domain").asText()).isEqualTo("enterprise-attack");
    assertThat(json.path("versions").path("layer").asText()).isEqualTo("4.5");
    JsonNode techniques = json.path("techniques");
    assertThat(techniques.findValuesAsText("techniqueID")).containsExactly("T1036.005", "T1071");
    assertThat(techniques.findValuesAsText("score")).containsExactly("1", "0");
    assertThat(techniques.get(1).path("comment").asText())
        .isEqualTo("cannot fire here: Asks for a name");
    assertThat(out.toString())
        .contains("technique  fire refused")
        .contains("T1071         0       1")
        .contains("1 of 2 can fire here, 1 techniques");
  }

  @Test
  void shouldWarnOfWhatChangesNothingAndOfWhatHasEnded() throws IOException {
    Path file =
        write(
            RULE.formatted("/bin/ls")
                + """
                ---
                title: Known
                owner: me
                reason: it is known
                expires: 2020-01-31
                exception: {rules: [11111111-1111-4111-8111-111111111111, gone]}
                """);

    assertThat(run("rules", "lint", directory.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains(file + ":18: warning: the exception names no rule here: gone")
        .contains(
            file + ":18: warning: the exception Known ended on 2020-01-31: remove it, or ask me");
    assertThat(run("rules", "lint", "--strict", directory.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(run("rules", "lint", "--json", directory.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("\"warnings\":[{\"file\"").contains("\"problems\":[]");
  }

  @Test
  void shouldExplainARuleInWords() throws IOException {
    Path file = write(RULE.formatted("/bin/ls") + "---\n" + refused());

    assertThat(run("rules", "explain", file.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains("Drops into shared memory")
        .contains("an event of kind exec where")
        .contains("process.exe '/dev/shm/*'")
        .contains("result <= -1")
        .contains("field Image is process.exe")
        .contains("techniques T1036.005")
        .contains("level medium")
        .contains("cannot fire here: ")
        .contains("connections carry addresses: no host names");
    String directory = this.directory.toString();
    assertThat(run("rules", "explain", "--rules", directory, "--json", "drops into shared memory"))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("\"lines\":[\"logsource: process_creation\"");
    assertThat(run("rules", "explain", "--rules", directory, "Asks for a name"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(run("rules", "explain", "--rules", directory, "nothing")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("has the id, name or title nothing");
  }

  @Test
  void shouldExplainEverythingThatIsBuiltIn() {
    RuleSet set = RuleSet.builtin();
    for (int hit = 0; hit < set.hits(); hit++) {
      assertThat(Explanation.of(set, set.byHit(hit))).hasSizeGreaterThan(2);
    }
  }

  @Test
  void shouldSayWhatChangesBetweenRuleSets() throws IOException {
    Path old = Files.createDirectory(directory.resolve("old"));
    Path fresh = Files.createDirectory(directory.resolve("new"));
    String rule = RULE.formatted("/bin/ls");
    String second =
        rule.replace("1111", "3333").replace("Drops", "Runs").replace("/dev/shm/", "/t/");
    Files.writeString(old.resolve("a.yml"), rule + "---\n" + second);
    Files.writeString(fresh.resolve("b.yml"), second + "---\n" + rule);
    assertThat(run("rules", "diff", old.toString(), fresh.toString())).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("0 added, 0 removed, 0 renamed, 0 changed");

    Files.writeString(
        fresh.resolve("b.yml"),
        rule.replace("Drops", "Puts").replace("/dev/shm/", "/run/shm/")
            + "---\n"
            + second.replace("3333", "4444")
            + "---\n"
            + rule.replace("1111", "5555").replace("Drops", "Adds").replace("t1036", "t1037"));
    assertThat(run("rules", "diff", old.toString(), fresh.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString())
        .contains("added    Adds into shared memory")
        .contains("renamed  Drops into shared memory -> Puts into shared memory")
        .contains("(id 33333333-3333-4111-8111-333333333333 -> 44444444-")
        .contains("changed  Puts into shared memory")
        .contains("-     process.exe '/dev/shm/*'")
        .contains("+     process.exe '/run/shm/*'")
        .contains("1 added, 0 removed, 2 renamed, 1 changed");
    assertThat(run("rules", "diff", "--json", old.toString(), fresh.toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(out.toString()).contains("\"added\":[{\"id\":\"55555555-");
    assertThat(run("rules", "diff", old.toString(), directory.resolve("no").toString()))
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void shouldShowExamplesInTheHelpOfEachCommand() {
    for (String command : new String[] {"lint", "test", "coverage", "explain", "diff"}) {
      assertThat(run("rules", command, "--help")).isEqualTo(ExitCode.OK);
      assertThat(out.toString())
          .contains("Examples:", "interdict rules " + command, "Exit codes: 0");
    }
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
