package dev.interdict.cep;

import dev.interdict.cep.content.SequenceReplay.Observed;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules a, b and c over the program that runs, and events written as words: {@code 3ab.7}: at
 * second 3 (or one after the event before) program ab ran with pid 7 (1) as user u7 (u0).
 */
final class Letters {
  private Letters() {}

  /**
   * @param head the document of a correlation or sequence over the rules
   */
  static RuleSet rules(String head) {
    return Sets.of(yaml(head));
  }

  static String yaml(String head) {
    StringBuilder yaml = new StringBuilder(head);
    for (String letter : List.of("a", "b", "c")) {
      yaml.append("---\ntitle: ").append(letter).append("\nname: ").append(letter);
      yaml.append("\nlogsource: {category: process_creation}\ndetection:\n  s: ");
      yaml.append("{Image|contains: ").append(letter).append("}\n  condition: s\n");
    }
    return yaml.toString();
  }

  static List<Observed> observe(RuleSet set, String events) {
    Matcher matcher = set.newMatcher();
    Hits hits = new Hits();
    List<Observed> observed = new ArrayList<>();
    long second = 0;
    for (String word : events.split(" ")) {
      String[] parts = word.split("\\.");
      String exe = parts[0].replaceFirst("^\\d+", "");
      second = exe.equals(parts[0]) ? second + 1 : Long.parseLong(parts[0].replace(exe, ""));
      Event event =
          Event.newBuilder()
              .setTime(1_000_000 + second * 1_000_000_000L)
              .setKind(Kind.EXEC)
              .setProcess(
                  Process.newBuilder()
                      .setId(1)
                      .setPid(parts.length > 1 ? Integer.parseInt(parts[1]) : 1)
                      .setUser("u" + (parts.length > 1 ? parts[1] : "0"))
                      .setExe(exe))
              .setExec(Exec.getDefaultInstance())
              .build();
      matcher.match(Sets.view(event), hits);
      observed.add(Observed.of(event.toByteArray(), hits));
    }
    return observed;
  }
}
