package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words without a field are looked for in what is text of a record. */
class KeywordTest {
  private static RuleSet rule(String logsource, String searches) {
    return Sets.of(
        "title: t\nlogsource: %s\ndetection:\n%s".formatted(logsource, searches.indent(2)));
  }

  private static Event exec(String arguments) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(Kind.EXEC)
        .setProcess(
            Process.newBuilder().setExe("/bin/tool").addAllArgs(List.of(arguments.split(" "))))
        .setExec(Exec.getDefaultInstance())
        .build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[touch];/usr/bin/touch x;true",
        "[touch];TOUCH x;true",
        "[touch, chmod];chmod x;true",
        "[touch, chmod];ls x;false",
        "['to?ch*y'];touch-my;true",
        "['a b'];x a b;false",
        "touch;touch;true",
        "{'|all': [touch, -d]};touch -d now;true",
        "{'|all': [touch, -d]};touch now;false",
        "{'|re': ['^if=/dev/(zero|urandom)$']};dd if=/dev/zero;true",
        "{'|re': ['^if=/dev/(zero|urandom)$']};dd if=/dev/sda;false",
        "{'|cased': [Touch]};touch;false",
        "[{type: PATH}, touch];touch;true"
      })
  void shouldLookForWordsInTheArguments(String words, String arguments, boolean hits) {
    RuleSet set =
        rule(
            "{product: linux, service: auditd}",
            "e: {type: EXECVE}\nw: " + words + "\ncondition: e and w\n");
    assertThat(Sets.hits(set, exec(arguments))).hasSize(hits ? 1 : 0);
  }

  @Test
  void shouldLookForWordsInEveryTextOfAProcess() {
    RuleSet set = rule("{category: process_creation}", "w: [shadow]\ncondition: w\n");
    assertThat(Sets.hits(set, exec("cat /etc/shadow"))).hasSize(1);
    assertThat(Sets.hits(set, exec("cat /etc/passwd"))).isEmpty();
  }

  @Test
  void shouldRefuseWordsWhereTheRecordHasNoText() {
    RuleSet set = rule("{product: linux, service: sshd}", "w: [shadow]\ncondition: w\n");
    assertThat(set.refusals())
        .extracting(Refusal::reason)
        .containsExactly("service sshd: needs log text");
  }

  @ParameterizedTest
  @CsvSource({"gt", "exists", "cidr", "fieldref", "endswith"})
  void shouldSayThatAModifierNeedsAField(String modifier) {
    assertThatThrownBy(
            () ->
                rule(
                    "{category: process_creation}",
                    "w: {'|" + modifier + "': [a]}\ncondition: w\n"))
        .hasMessageContaining("test.yml:4: modifier " + modifier + " needs a field");
  }
}
