package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Level;
import dev.interdict.schema.Process;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a finding carries beside its rule: level by context, recommended response, evidence. */
class ContextTest {
  private static final String RULE =
      """
      title: Shell
      name: shell
      logsource: {category: process_creation}
      detection:
        s: {Image|endswith: /sh}
        condition: s
      level: low
      fields: [CommandLine, NoSuchField, User]
      evidence: [container.id]
      response: isolate-container
      severity:
        - {level: critical, when: {container.id|exists: true, process.uid: 0}, reason: root in a container}
        - level: high
          when:
            - {ancestors.exe|endswith: /nginx}
            - {ancestors.command_line|contains: gunicorn}
      """;

  private static Event shell(String container, int uid, String ancestor) {
    Process.Builder process =
        Process.newBuilder()
            .setExe("/bin/sh")
            .setUid(uid)
            .setUser("u" + uid)
            .addArgs("sh")
            .addAncestors(Ancestor.newBuilder().setExe("/bin/dash"))
            .addAncestors(Ancestor.newBuilder().setExe(ancestor).setCommandLine("x"));
    if (!container.isEmpty()) {
      process.setContainer(Container.newBuilder().setId(container));
    }
    return Event.newBuilder()
        .setTime(1)
        .setKind(Kind.EXEC)
        .setProcess(process)
        .setExec(Exec.getDefaultInstance())
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1000, /sbin/init, ''",
    "c1, 0, /sbin/init, CRITICAL",
    "c1, 1000, /sbin/init, ''",
    "'', 0, /sbin/init, ''",
    "'', 1000, /usr/sbin/nginx, HIGH",
    "c1, 0, /usr/sbin/nginx, CRITICAL"
  })
  void shouldTakeTheFirstSeverityThatHolds(
      String container, int uid, String ancestor, String level) {
    Rule rule = Sets.of(RULE).rules().get(0);
    byte[] event = shell(container, uid, ancestor).toByteArray();
    Severity severity = rule.about().severity(List.of(event));
    assertThat(severity == null ? "" : severity.level().name()).isEqualTo(level);
    assertThat(rule.level()).isEqualTo(Level.LOW);
  }

  @Test
  void shouldLookAtEveryEventOfAFinding() {
    About about = Sets.of(RULE).rules().get(0).about();
    byte[] plain = shell("", 1000, "/sbin/init").toByteArray();
    byte[] root = shell("c1", 0, "/sbin/init").toByteArray();
    assertThat(about.severity(List.of(plain, root)).reason()).isEqualTo("root in a container");
  }

  @Test
  void shouldShowWhatTheEventsCarry() {
    About about = Sets.of(RULE).rules().get(0).about();
    assertThat(about.response()).isEqualTo("isolate-container");
    assertThat(about.evidence().stream().map(ShownField::name))
        .containsExactly("CommandLine", "User", "container.id");
    Event event = shell("", 7, "/x");
    assertThat(about.evidence().stream().map(field -> field.value(Sets.view(event))))
        .containsExactly("sh", "u7", null);
  }

  @Test
  void shouldShowOfAStepWhatItSaysElseWhatItsRulesShow() {
    RuleSet set =
        Sets.of(
            RULE
                + """
                ---
                title: Twice
                sequence:
                  within: 1m
                  steps:
                    - {rule: shell, evidence: [process.pid]}
                    - {rule: shell}
                """);
    List<Step> steps = set.sequences().get(0).steps();
    assertThat(steps.get(0).evidence()).extracting(ShownField::name).containsExactly("process.pid");
    assertThat(steps.get(1).evidence()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "level: high, when: {container.ids: x};unknown field container.ids",
        "level: urgent, when: {container.id: x};unknown level urgent",
        "level: high, when: root;expected a search",
        "level: high;missing when",
        "level: high, if: {process.uid: 0};unknown key if: expected one of level, reason, when"
      })
  void shouldSayWhatIsWrongWithASeverity(String severity, String message) {
    String rule = RULE.substring(0, RULE.indexOf("severity:")) + "severity: [{" + severity + "}]\n";
    assertThatThrownBy(() -> Sets.of(rule)).hasMessageContaining("test.yml:11: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "response: Isolate It!;invalid response Isolate It!",
        "evidence: [process.nothing];unknown field process.nothing"
      })
  void shouldSayWhatIsWrong(String line, String message) {
    String rule = RULE.substring(0, RULE.indexOf("evidence:")) + line + "\n";
    assertThatThrownBy(() -> Sets.of(rule)).hasMessageContaining("test.yml:9: " + message);
  }

  @Test
  void shouldKnowAncestorsInSigmasWords() {
    RuleSet set =
        Sets.of(
            """
            title: Shell below a web server
            logsource: {category: process_creation}
            detection:
              s:
                Image|endswith: /sh
                AncestorImage|endswith: [/nginx, /httpd]
              condition: s
            """);
    assertThat(Sets.hits(set, shell("", 0, "/usr/sbin/nginx"))).hasSize(1);
    assertThat(Sets.hits(set, shell("", 0, "/sbin/init"))).isEmpty();
  }
}
