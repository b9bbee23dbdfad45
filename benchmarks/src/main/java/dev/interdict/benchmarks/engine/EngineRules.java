package dev.interdict.benchmarks.engine;

import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Rule sets of any size in the proportions of SigmaHQ's Linux rules: most ask for a program and
 * words of its command line, some for files, a few for a regular expression. The same number gives
 * the same rules.
 */
public final class EngineRules {
  /** A tenth of the rules names a program that the input has. */
  private static final int HIT_EVERY = 10;

  private EngineRules() {}

  public static RuleSet of(int rules, int sequences) {
    List<RuleFile> files = new ArrayList<>();
    for (int i = 0; i < rules; i++) {
      files.add(new RuleFile("rule" + i + ".yml", rule(i)));
    }
    for (int i = 0; i < sequences; i++) {
      files.add(new RuleFile("sequence" + i + ".yml", sequence(i)));
    }
    return RuleSet.of(files);
  }

  /** The program that meets step {@code step} of sequence {@code sequence}. */
  static String stepProgram(int sequence, int step) {
    return "/usr/local/bin/tool-" + sequence + "-" + step;
  }

  /** A program that some of the rules ask for. */
  static String hitProgram(int number) {
    return "hit" + number;
  }

  private static String rule(int i) {
    String program = i % HIT_EVERY == 0 ? hitProgram(i / HIT_EVERY % 8) : word(i, 0);
    String detection =
        switch (i % 8) {
          case 0, 1, 2 ->
              """
                  image:
                    Image|endswith:
                      - '/%s'
                      - '/%s'
                  line:
                    CommandLine|contains:
                      - ' --%s'
                      - '%s='
                      - 'run'
                  condition: image and line
              """
                  .formatted(program, word(i, 1), word(i, 2), word(i, 3));
          case 3, 4 ->
              """
                  line:
                    CommandLine|contains|all:
                      - '%s'
                      - '/%s/'
                  condition: line
              """
                  .formatted(word(i, 1), word(i, 2));
          case 5 ->
              """
                  image:
                    Image|endswith: '/%s'
                    ParentImage|endswith:
                      - '/%s'
                      - '/%s'
                  filter:
                    CommandLine|startswith: '%s'
                  condition: image and not filter
              """
                  .formatted(program, word(i, 1), word(i, 2), word(i, 3));
          case 6 ->
              """
                  file:
                    TargetFilename|startswith: '/etc/%s/'
                    TargetFilename|endswith:
                      - '.%s'
                      - '.conf'
                  condition: file
              """
                  .formatted(word(i, 1), word(i, 2));
          default ->
              """
                  line:
                    CommandLine|re: '%s\\s+-[a-z]*%s'
                  condition: line
              """
                  .formatted(word(i, 1), word(i, 2));
        };
    String category = i % 8 == 6 ? "file_event" : "process_creation";
    return """
        title: Rule %d
        id: %s
        logsource: {category: %s, product: linux}
        level: low
        detection:
        """
            .formatted(i, id("rule" + i), category)
        + detection.indent(2).stripTrailing()
        + "\n";
  }

  private static String sequence(int i) {
    StringBuilder text = new StringBuilder();
    StringBuilder steps = new StringBuilder();
    for (int step = 0; step < 3; step++) {
      String name = "s" + i + "_" + step;
      text.append(
          """
          title: Step %1$s
          id: %2$s
          name: %1$s
          logsource: {product: interdict, service: exec}
          level: informational
          detection:
            program: {process.exe: %3$s}
            condition: program
          ---
          """
              .formatted(name, id(name), stepProgram(i, step)));
      steps.append("    - {rule: ").append(name).append("}\n");
    }
    return text
        + """
        title: Sequence %d
        id: %s
        level: high
        sequence:
          key: container
          within: 60s
          steps:
        %s"""
            .formatted(i, id("sequence" + i), steps);
  }

  /** Six letters that the input has not. */
  private static String word(int rule, int place) {
    long mixed = (rule * 31L + place + 7) * 0x9e3779b97f4a7c15L;
    StringBuilder word = new StringBuilder("q");
    for (int i = 0; i < 6; i++) {
      word.append((char) ('a' + (int) ((mixed >>> (i * 8)) & 0xff) % 26));
    }
    return word.toString().toLowerCase(Locale.ROOT);
  }

  private static String id(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
