package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static final String RULES =
      """
      title: Archive
      id: 6f3e2987-db24-4c78-a860-b4f4095a7095
      name: archive
      logsource: {category: process_creation, product: linux}
      detection:
        s: {Image|endswith: /tar}
        condition: s
      ---
      title: Read
      id: 6f3e2987-db24-4c78-a860-b4f4095a7096
      logsource: {category: file_access, product: linux}
      detection:
        s: {TargetFilename: /etc/shadow}
        condition: s
      ---
      title: Backup
      logsource: {category: process_creation, product: linux}
      filter:
        rules: %s
        backup: {User|startswith: 'adm_'}
        nightly: {CurrentDirectory: /var/backups}
        condition: %s
      """;

  private static boolean hits(RuleSet set, String user, String directory) {
    Event event =
        Event.newBuilder()
            .setTime(1)
            .setKind(Kind.EXEC)
            .setProcess(
                Process.newBuilder().setExe("/bin/tar").setUser(user).setCwd(directory).build())
            .setExec(Exec.getDefaultInstance())
            .build();
    return Sets.hits(set, event).length > 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {"archive", "[6f3e2987-db24-4c78-a860-b4f4095a7095]", "any"})
  void shouldLeaveOutOfTheNamedRulesWhatIsSelected(String rules) {
    RuleSet set = Sets.of(RULES.formatted(rules, "backup"));
    assertThat(hits(set, "adm_backup", "/")).isFalse();
    assertThat(hits(set, "root", "/")).isTrue();
    assertThat(set.warnings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "not backup, adm_b, /, false",
    "not backup, root, /, true",
    "not backup and not nightly, root, /var/backups, false",
    "not backup and not nightly, root, /, true",
    "not 1 of them, adm_b, /, false",
    "not 1 of them, root, /, true",
    "1 of them, root, /var/backups, false",
    "backup and nightly, adm_b, /, true",
    "backup and nightly, adm_b, /var/backups, false"
  })
  void shouldTakeANegationForWhatRemains(
      String condition, String user, String directory, boolean hits) {
    RuleSet set = Sets.of(RULES.formatted("archive", condition));
    assertThat(hits(set, user, directory)).isEqualTo(hits);
  }

  @Test
  void shouldWarnOfARuleThatItCannotChange() {
    RuleSet set = Sets.of(RULES.formatted("6f3e2987-db24-4c78-a860-b4f4095a7096", "backup"));
    assertThat(set.warnings())
        .extracting(Problem::toString)
        .containsExactly(
            "test.yml:16: the filter changes no rule: none of its logsource is called"
                + " 6f3e2987-db24-4c78-a860-b4f4095a7096");
  }

  @Test
  void shouldSayWhatIsWrong() {
    assertThatThrownBy(() -> Sets.of(RULES.formatted("archive", "nowhere")))
        .hasMessageContaining("test.yml:22: invalid condition: no search is called nowhere");
  }
}
