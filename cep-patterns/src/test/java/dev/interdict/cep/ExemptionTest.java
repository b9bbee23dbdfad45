package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExemptionTest {
  private static final String RULES =
      """
      title: Reads shadow
      id: 0a3f1c52-0000-4000-8000-000000000001
      name: reads_shadow
      tags: [attack.t1003.008, attack.credential-access]
      logsource: {product: interdict, service: exec}
      detection: {s: {process.exe: /bin/cat}, condition: s}
      ---
      title: Backup
      id: 0a3f1c52-0000-4000-8000-000000000002
      owner: storage team
      reason: the nightly backup reads every file
      expires: 2026-06-30
      exception:
        %s
      """;
  private static final long BEFORE = nanos("2026-06-30T23:59:59Z");
  private static final long AFTER = nanos("2026-07-01T00:00:00Z");

  private static long nanos(String instant) {
    return Instant.parse(instant).getEpochSecond() * 1_000_000_000L;
  }

  private static byte[] by(String user) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(Kind.EXEC)
        .setProcess(Process.newBuilder().setExe("/bin/cat").setUser(user))
        .setExec(Exec.getDefaultInstance())
        .build()
        .toByteArray();
  }

  private static boolean suppressed(RuleSet set, long time, String... users) {
    List<byte[]> events = java.util.Arrays.stream(users).map(ExemptionTest::by).toList();
    return set.exemption(set.rules().get(0), time, events) != null;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "rules: reads_shadow;true",
        "rules: [0a3f1c52-0000-4000-8000-000000000001];true",
        "rules: any;true",
        "tags: attack.t1003;true",
        "tags: [attack.T1003.008];true",
        "tags: attack.t100;false",
        "{rules: reads_shadow, when: {process.user: backup}};true",
        "{rules: reads_shadow, when: {process.user: root}};false"
      })
  void shouldHoldForTheRulesItNames(String exception, boolean holds) {
    assertThat(suppressed(Sets.of(RULES.formatted(exception)), BEFORE, "backup")).isEqualTo(holds);
  }

  @Test
  void shouldHoldOnlyIfEveryEventOfTheFindingIsMeant() {
    RuleSet set = Sets.of(RULES.formatted("{rules: any, when: {process.user: backup}}"));
    assertThat(suppressed(set, BEFORE, "backup", "backup")).isTrue();
    assertThat(suppressed(set, BEFORE, "backup", "root")).isFalse();
  }

  @Test
  void shouldEndWithItsLastDayByTheTimeOfTheFinding() {
    RuleSet set = Sets.of(RULES.formatted("rules: any"));
    assertThat(suppressed(set, BEFORE, "backup")).isTrue();
    assertThat(suppressed(set, AFTER, "backup")).isFalse();
    assertThat(set.expired(Instant.ofEpochSecond(0, BEFORE))).isEmpty();
    assertThat(set.expired(Instant.ofEpochSecond(0, AFTER)))
        .extracting(Problem::toString)
        .containsExactly(
            "test.yml:8: the exception Backup ended on 2026-06-30: remove it, or ask storage team");
  }

  @Test
  void shouldWarnOfWhatItDoesNotKnow() {
    RuleSet set = Sets.of(RULES.formatted("rules: [reads_shadow, reads_shadows]"));
    assertThat(set.warnings())
        .extracting(Problem::toString)
        .containsExactly("test.yml:8: the exception names no rule here: reads_shadows");
    assertThat(Sets.of(RULES.formatted("tags: attack.t9999")).warnings())
        .extracting(Problem::toString)
        .containsExactly("test.yml:8: the exception names no rule here: attack.t9999");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "owner: storage team;owner: '';test.yml:10: empty owner",
        "reason: the nightly;reasons: the nightly;test.yml:8: missing reason",
        "2026-06-30;June;test.yml:12: invalid date June: expected such as 2027-03-31",
        "rules: any;when: {process.uid: 0};an exception needs rules or tags",
        "rules: any;rule: any;test.yml:14: unknown key rule",
        "rules: any;'{rules: any, when: {process.uids: 0}}';unknown field process.uids"
      })
  void shouldSayWhatIsWrong(String from, String to, String message) {
    String text = RULES.formatted("rules: any").replace(from, to.replaceAll("^'(\\{.*)'$", "$1"));
    assertThatThrownBy(() -> Sets.of(text)).hasMessageContaining(message);
  }
}
