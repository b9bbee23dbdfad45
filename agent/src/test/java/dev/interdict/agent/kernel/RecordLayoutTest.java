package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** {@link Record} against the types of the BPF object that was built. */
final class RecordLayoutTest {
  private static final Map<Class<?>, String> STRUCTS =
      Map.ofEntries(
          Map.entry(Record.Endpoint.class, "endpoint"),
          Map.entry(Record.Descriptor.class, "descriptor"),
          Map.entry(Record.Exec.class, "exec_record"),
          Map.entry(Record.Exit.class, "exit_record"),
          Map.entry(Record.Fork.class, "fork_record"),
          Map.entry(Record.FileRecord.class, "file_record"),
          Map.entry(Record.SocketRecord.class, "socket_record"),
          Map.entry(Record.Call.class, "call_record"),
          Map.entry(Record.Dup.class, "dup_record"),
          Map.entry(Record.App.class, "app_record"),
          Map.entry(Record.Mapping.class, "mapping_record"),
          Map.entry(Record.Repeat.class, "repeat"),
          Map.entry(Record.RepeatTable.class, "repeats"),
          Map.entry(Record.Shared.class, "shared"),
          Map.entry(Record.Counters.class, "counters"));

  /** Of the tables, which are no members. */
  private static final Set<String> CONSTANTS = Set.of("ROWS", "SLOT_COUNT", "RECORD_LIMIT");

  private final Map<String, Integer> built = new HashMap<>();

  RecordLayoutTest() {
    for (String line : Natives.layout().split("\n")) {
      String[] parts = line.split(" ");
      built.put(parts[0] + "." + parts[1], Integer.parseInt(parts[2]));
    }
  }

  @Test
  void shouldAgreeWithTheBuiltObjectAboutEveryOffset() throws IllegalAccessException {
    for (Map.Entry<Class<?>, String> entry : STRUCTS.entrySet()) {
      for (Field field : entry.getKey().getDeclaredFields()) {
        if (CONSTANTS.contains(field.getName())) {
          continue;
        }
        String member =
            switch (field.getName()) {
              case "SIZE" -> "-";
              case "OPEN_FLAGS" -> "flags"; // apart from those of the header
              case "SOCKET_TYPE" -> "type";
              case "SOCKET_PATH" -> "path";
              default -> field.getName().toLowerCase(Locale.ROOT);
            };
        String name = entry.getValue() + "." + member;
        assertThat(built).containsKey(name);
        assertThat(field.getInt(null)).as(name).isEqualTo(built.get(name));
      }
    }
  }

  @Test
  void shouldAgreeWithTheBuiltObjectAboutTheHeader() throws IllegalAccessException {
    for (Field field : Record.class.getDeclaredFields()) {
      String name = "header." + field.getName().toLowerCase(Locale.ROOT);
      if (built.containsKey(name)) {
        assertThat(field.getInt(null)).as(name).isEqualTo(built.get(name));
      }
    }
    assertThat(Record.HEADER).isEqualTo(built.get("header.-"));
    assertThat(built.keySet().stream().filter(name -> name.startsWith("header.")))
        .as("every member of the header has its constant")
        .allSatisfy(
            name ->
                assertThat(name.equals("header.-") || hasConstant(name.substring(7)))
                    .as(name)
                    .isTrue());
  }

  private static boolean hasConstant(String member) {
    return Arrays.stream(Record.class.getDeclaredFields())
        .anyMatch(field -> field.getName().equals(member.toUpperCase(Locale.ROOT)));
  }

  @Test
  void shouldHaveSharedMemoryOfTheSizeThatItsRowsMake() {
    assertThat(built.get("shared.-"))
        .isEqualTo(Record.Shared.COUNTERS + Record.Counters.ROWS * Record.Counters.SIZE);
  }
}
