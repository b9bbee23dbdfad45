package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Fork;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index must decide as the definition does, over rules and events drawn from few letters. */
class MatcherPropertyTest {
  private static final int RULES = 120;
  private static final int EVENTS = 400;
  private static final String[] LETTERS = {"a", "b", "A", "B", "ab", "/", " ", "é"};
  private static final String[] FIELDS = {
    "process.exe", "process.name", "process.command_line", "process.args", "process.cwd",
    "parent.exe", "ancestors.exe", "ancestors.name", "container.id", "process.path"
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldDecideAsTheDefinitionDoes(long seed) {
    Random random = new Random(seed);
    List<RuleFile> files = new ArrayList<>();
    for (int i = 0; i < RULES; i++) {
      files.add(new RuleFile("r" + i, rule(i, random)));
    }
    RuleSet set = RuleSet.of(files);
    assertThat(set.rules()).hasSizeGreaterThan(RULES / 2);
    Matcher matcher = set.newMatcher();
    EventView view = new EventView();
    Hits hits = new Hits();
    int hit = 0;
    for (int i = 0; i < EVENTS; i++) {
      byte[] bytes = event(random).toByteArray();
      view.wrap(bytes, 0, bytes.length);
      matcher.match(view, hits);
      for (Rule rule : set.rules()) {
        Kind kind = Kind.forNumber(view.kind());
        boolean expected =
            set.conditions(rule).containsKey(kind) && set.conditions(rule).get(kind).matches(view);
        if (hits.contains(rule.index()) != expected) {
          fail("event %s, expected %s of: %s", i, expected, set.conditions(rule));
        }
        hit += expected ? 1 : 0;
      }
    }
    assertThat(hit).as("hits").isGreaterThan(EVENTS);
  }

  private static String rule(int number, Random random) {
    StringBuilder yaml =
        new StringBuilder("title: r" + number + "\nlogsource:\n  product: interdict\n  service: ")
            .append(random.nextInt(6) == 0 ? "fork" : "exec")
            .append("\ndetection:\n");
    int searches = 1 + random.nextInt(4);
    for (int i = 0; i < searches; i++) {
      yaml.append("  s").append(i).append(":\n");
      for (int j = 0, items = 1 + random.nextInt(2); j < items; j++) {
        yaml.append("    ").append(item(random, j));
      }
    }
    StringBuilder condition = new StringBuilder();
    for (int i = 0; i < searches; i++) {
      condition.append(i == 0 ? "" : random.nextBoolean() ? " and " : " or ");
      condition.append(random.nextInt(3) == 0 ? "not " : "").append("s").append(i);
    }
    return yaml.append("  condition: ").append(condition).append('\n').toString();
  }

  private static String item(Random random, int number) {
    String field = FIELDS[(random.nextInt(FIELDS.length / 2) * 2 + number) % FIELDS.length];
    switch (random.nextInt(10)) {
      case 0:
        String operator = number == 0 ? "" : random.nextBoolean() ? "|gte" : "|lt";
        return "process.uid" + operator + ": " + random.nextInt(3) + "\n";
      case 1:
        return "exec.memfd" + (number == 0 ? "" : "|neq") + ": " + random.nextBoolean() + "\n";
      case 2:
        return field + "|re: '" + letters(random, 2) + "." + letters(random, 2) + "'\n";
      case 3:
        return field + "|cased|contains: '" + letters(random, 2) + "'\n";
      case 4:
        return field + ": '" + letters(random, 2) + "*" + letters(random, 1) + "?'\n";
      case 5:
        return field + ": " + (random.nextBoolean() ? "null" : "''") + "\n";
      case 6:
        return field + "|exists: " + random.nextBoolean() + "\n";
      default:
        String[] modifiers = {"", "|contains", "|startswith", "|endswith", "|contains|all", "|neq"};
        String modifier = modifiers[random.nextInt(modifiers.length)];
        return field
            + modifier
            + ": ['"
            + letters(random, 2)
            + "', '"
            + letters(random, 3)
            + "']\n";
    }
  }

  private static String letters(Random random, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = 0, count = 1 + random.nextInt(most); i < count; i++) {
      text.append(LETTERS[random.nextInt(LETTERS.length)]);
    }
    return text.toString();
  }

  private static String sometimes(Random random) {
    return random.nextInt(5) == 0 ? "" : letters(random, 6);
  }

  private static Event event(Random random) {
    Process.Builder process =
        Process.newBuilder()
            .setExe(sometimes(random))
            .setPath(sometimes(random))
            .setCwd(sometimes(random))
            .setUid(random.nextInt(3));
    for (int i = random.nextInt(4); i > 0; i--) {
      process.addArgs(letters(random, 3));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      process.addAncestors(Ancestor.newBuilder().setExe(letters(random, 4)).setId(i));
    }
    if (random.nextBoolean()) {
      process.getContainerBuilder().setId(letters(random, 2));
    }
    Event.Builder event = Event.newBuilder().setTime(1).setProcess(process);
    if (random.nextInt(4) == 0) {
      return event.setKind(Kind.FORK).setFork(Fork.getDefaultInstance()).build();
    }
    return event
        .setKind(Kind.EXEC)
        .setExec(Exec.newBuilder().setMemfd(random.nextBoolean()))
        .build();
  }
}
