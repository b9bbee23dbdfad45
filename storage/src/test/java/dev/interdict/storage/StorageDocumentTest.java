package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorageDocumentTest {
  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)` \\| ([A-Z_\\[\\]]+) \\| .+ \\| .*\\|");

  @TempDir private Path data;

  @Test
  void shouldExplainEveryColumnOfBothTables() throws Exception {
    List<String> documented = documented();
    List<String> columns = new ArrayList<>(columns("events"));
    columns.addAll(columns("alerts"));
    assertThat(documented).containsExactlyElementsOf(columns);
  }

  private List<String> columns(String table) throws Exception {
    return Answer.to(data, "DESCRIBE " + table).rows.stream()
        .map(row -> row.get("column_name") + " " + row.get("column_type"))
        .map(column -> column.replaceFirst("STRUCT\\(.*\\)", "STRUCT"))
        .filter(column -> !column.matches("(date|hour|node_prefix) .*"))
        .toList();
  }

  private static List<String> documented() throws IOException {
    List<String> columns = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../docs/storage.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        columns.add(row.group(1) + " " + row.group(2));
      }
    }
    return columns;
  }
}
