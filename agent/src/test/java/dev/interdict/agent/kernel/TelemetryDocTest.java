package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/telemetry.md} are what schema and programs say. To write them anew:
 * {@code ./interdict test agent -- -Dtest=TelemetryDocTest -Dinterdict.docs=write}.
 */
final class TelemetryDocTest {
  private static final Path DOC = Path.of("../docs/telemetry.md");
  private static final String BEGIN = "<!-- generated: kinds -->\n";
  private static final String END = "<!-- end -->\n";

  /** Other hooks than a system call's are named by the kernel's own names. */
  private static final String CALLS = "system calls ";

  @Test
  void shouldListEveryKindWithItsFieldsAndHooks() throws IOException {
    String text = Files.readString(DOC);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    String tables = tables();
    if ("write".equals(System.getProperty("interdict.docs"))) {
      Files.writeString(DOC, text.substring(0, begin) + tables + text.substring(text.indexOf(END)));
      return;
    }
    assertThat(text.substring(begin, text.indexOf(END)))
        .as("docs/telemetry.md; see the comment of this test for how to write it anew")
        .isEqualTo(tables);
  }

  private static String tables() {
    StringBuilder out =
        new StringBuilder("| kind | lane | on by default | seen by |\n|---|---|---|---|\n");
    Map<List<Field>, Set<String>> kindsByFields = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      if (kind == Kind.UNRECOGNIZED || kind == Kind.KIND_UNSPECIFIED) {
        continue;
      }
      String name = Kinds.name(kind.getNumber());
      out.append("| `")
          .append(name)
          .append("` | ")
          .append(Kinds.laneOf(kind.getNumber()).name().toLowerCase(Locale.ROOT))
          .append(" | ")
          .append(
              always(kind) ? "always" : SensorConfig.DEFAULT_KINDS.contains(kind) ? "yes" : "no")
          .append(" | ")
          .append(hooks(name))
          .append(" |\n");
      List<Field> fields = EventDetail.fields(kind.getNumber());
      if (!fields.isEmpty()) {
        kindsByFields.computeIfAbsent(fields, key -> new LinkedHashSet<>()).add(name);
      }
    }
    out.append("\n| kinds | fields |\n|---|---|\n");
    kindsByFields.forEach(
        (fields, kinds) ->
            out.append("| ")
                .append(kinds.stream().map(k -> "`" + k + "`").collect(Collectors.joining(", ")))
                .append(" | ")
                .append(
                    fields.stream().map(TelemetryDocTest::field).collect(Collectors.joining(", ")))
                .append(" |\n"));
    return out.toString();
  }

  private static String field(Field field) {
    return "`" + field.dotted() + "`";
  }

  private static boolean always(Kind kind) {
    return kind == Kind.GAP || kind == Kind.TICK || kind == Kind.SENSOR;
  }

  private static String hooks(String kind) {
    Set<String> calls = new LinkedHashSet<>();
    Set<String> others = new LinkedHashSet<>();
    for (Program program : Program.ALL) {
      if (program.kinds().contains(kind)) {
        if (program.isOfSystemCall()) {
          calls.add(program.symbol().replaceFirst("^call_", ""));
        } else {
          others.add("`" + program.hook() + "`");
        }
      }
    }
    if (!calls.isEmpty()) {
      others.add(CALLS + String.join(", ", calls));
    }
    return others.isEmpty() ? "the agent itself" : String.join("; ", others);
  }
}
