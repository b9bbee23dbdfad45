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

class ModifierTest {
  private static Event exec(String commandLine) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(Kind.EXEC)
        .setProcess(
            Process.newBuilder()
                .setExe("/usr/bin/Tool")
                .setPath("/USR/bin/tool")
                .setPid(700)
                .addArgs(commandLine))
        .setExec(Exec.getDefaultInstance())
        .build();
  }

  @ParameterizedTest(name = "{0}: {1} on {2} is {3}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "'';abc;aBc;true",
        "'';abc;abcd;false",
        "'';a*c;abbc;true",
        "'';a\\*c;a*c;true",
        "'';a\\*c;abbc;false",
        "'';a\\\\*;a\\bc;true",
        "'';a\\\\*;a*bc;false",
        "'';a\\b;a\\b;true",
        "'';a\\\\b;a\\b;true",
        "'';a\\\\\\\\b;a\\\\b;true",
        "'';a?c;aéc;true",
        "'';a\\?c;abc;false",
        "|contains;bc;aBCd;true",
        "|startswith;ab;ABc;true",
        "|startswith;bc;abc;false",
        "|endswith;bc;abc;true",
        "|contains|cased;BC;aBCd;true",
        "|contains|cased;bc;aBCd;false",
        "|cased;abc;aBc;false",
        "|contains|all;[ab, cd];xabcd;true",
        "|contains|all;[ab, cd];xab;false",
        "|contains;[ab, cd];xab;true",
        "|neq;abc;abd;true",
        "|neq;[abc, abd];abd;false",
        "|contains|neq;b;abc;false",
        "|re;a.c$;xabc;true",
        "|re;A.c;abc;false",
        "|re|i;A.c;abc;true",
        "|re;^b;\"a\nb\";false",
        "|re|m;^b;\"a\nb\";true",
        "|re;a.b;\"a\nb\";false",
        "|re|s;a.b;\"a\nb\";true",
        "|base64;foobar;Zm9vYmFy;true",
        "|base64offset|contains;/bin/sh;IHgvYmluL3No;true",
        "|base64offset|contains;/bin/sh;L2Jpbi9zaA==;true",
        "|base64offset|contains;/bin/sh;eHgvYmluL3No;true",
        "|utf16le|base64offset|contains;ping;cABpAG4AZwA=;true",
        "|wide|base64offset|contains;ping;cABpAG4AZwA=;true",
        "|utf16be|base64;ping;AHAAaQBuAGc=;true",
        "|utf16|base64;ping;//5wAGkAbgBnAA==;true",
        "|windash|contains; -a;run /a;true",
        "|windash|contains; -a;run –a;true",
        "|contains|windash; -a;run ―a;true",
        "|windash|contains; -a;run xa;false",
        "|windash;x-y;x/y;false",
        "|exists;true;abc;true",
        "|exists;false;abc;false",
        "'';'*';abc;true"
      })
  void shouldCompare(String modifiers, String value, String text, boolean matches) {
    boolean bare = value.startsWith("[") || value.equals("true") || value.equals("false");
    String quoted = bare || value.startsWith("'") ? value : "'" + value + "'";
    String suffix = modifiers.equals("''") ? "" : modifiers;
    RuleSet set = Sets.exec("process.command_line" + suffix + ": " + quoted);
    assertThat(Sets.hits(set, exec(text))).hasSize(matches ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "process.pid: 700;true",
        "process.pid: '700';true",
        "process.pid|gt: 699.5;true",
        "process.pid|gt: 700;false",
        "process.pid|gte: 700;true",
        "process.pid|lt: 700;false",
        "process.pid|lte: 700;true",
        "process.pid|startswith: 70;true",
        "process.pid|neq: 700;false",
        "process.uid: 0;true",
        "process.user: null;true",
        "process.user: '';true",
        "process.exe: null;false",
        "process.user|exists: false;true",
        "exec.memfd: false;true",
        "exec.memfd: true;false",
        "process.path|fieldref: process.exe;true",
        "process.path|fieldref|cased: process.exe;false",
        "process.exe|fieldref|endswith: process.name;true",
        "process.exe|fieldref|startswith: process.name;false",
        "process.args: abc;true",
        "process.args|contains|neq: b;false"
      })
  void shouldCompareFieldsOfEveryType(String line, boolean matches) {
    assertThat(Sets.hits(Sets.exec(line), exec("abc"))).hasSize(matches ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "process.exe|begins: a;7: unknown modifier begins",
        "process.exe|contains|contains: a;7: modifier contains is given twice",
        "process.exe|re: '(';7: invalid regular expression",
        "process.exe|cidr: 10.0.0.0/64;7: invalid network 10.0.0.0/64",
        "process.exe|gt: 5;7: process.exe: is not a number",
        "process.pid|gt: five;7: modifier gt needs a number, found five",
        "process.exes: a;7: unknown field process.exes",
        "process.exe|exists: maybe;7: expected true or false",
        "process.exe|re|contains: a;7: modifier contains cannot be combined",
        "process.exe|i: a;7: modifier i needs re before it",
        "process.exe|base64: a*;7: modifier base64 cannot encode a wildcard",
        "process.exe|base64|windash: -a;7: modifier windash must come before",
        "process.exe: [];7: empty list of values",
        "exec.memfd: often;7: exec.memfd: is a flag"
      })
  void shouldNameLineAndMistake(String line, String message) {
    assertThatThrownBy(() -> Sets.exec(line))
        .isInstanceOf(InvalidRulesException.class)
        .hasMessageContaining("test.yml:" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "process.exe|re: 'a(?=b)';look-around",
        "process.exe|expand: '%servers%';placeholder %servers% has no value here",
        "time|hour: 3;modifier hour",
        "'|all': [a, b];keyword rule: needs log text"
      })
  void shouldRefuseWithTheReason(String line, String reason) {
    RuleSet set = Sets.exec(line);
    assertThat(set.rules()).isEmpty();
    assertThat(set.refusals()).singleElement().asString().contains(reason);
  }

  @Test
  void shouldExpandPlaceholdersOfTheSet() {
    RuleSet set =
        RuleSet.of(
            List.of(
                new RuleFile("values.yml", "placeholders:\n  tools: [nc, ncat*]\n"),
                new RuleFile(
                    "rule.yml",
                    """
                    title: t
                    logsource: {product: interdict, service: exec}
                    detection:
                      s:
                        process.command_line|expand|startswith: 'run %tools%'
                      condition: s
                    """)));
    assertThat(Sets.hits(set, exec("run ncat-x"))).hasSize(1);
    assertThat(Sets.hits(set, exec("run socat"))).isEmpty();
  }
}
