package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ResultFormatTest {
  private static final List<Column> COLUMNS =
      List.of(new Column("exe", false), new Column("n", true));

  @Test
  void shouldAlignATable() throws IOException {
    assertThat(write(ResultFormat.TABLE, 0, COLUMNS, row("/bin/sh", 7L), row(null, 1234L)))
        .isEqualTo(
            """
            exe         n
            ───────  ────
            /bin/sh     7
            NULL     1234
            (2 rows)
            """);
    assertThat(write(ResultFormat.TABLE, 80, COLUMNS))
        .isEqualTo(
            """
            exe  n
            ───  ─
            (0 rows)
            """);
  }

  @Test
  void shouldFitATableIntoTheTerminal() throws IOException {
    assertThat(write(ResultFormat.TABLE, 14, COLUMNS, row("/usr/local/bin/x", 12L)))
        .isEqualTo(
            """
            exe           n
            ──────────  ──
            /usr/loca…  12
            (1 row)
            """
                .replace("exe           n", "exe          n"));
    assertThat(write(ResultFormat.TABLE, 20, COLUMNS, row("日本語テキスト長い名前です", 1L)).lines())
        .allSatisfy(line -> assertThat(TextWidth.of(line)).isLessThanOrEqualTo(20));
  }

  @Test
  void shouldShowOneValueALineWhereColumnsAreTooMany() throws IOException {
    assertThat(write(ResultFormat.TABLE, 6, COLUMNS, row("/usr/local/bin/x", 12L), row(null, 3L)))
        .isEqualTo(
            """
            ── row 1 ──
            exe  /usr/local/bin/x
            n    12
            ── row 2 ──
            n    3
            (2 rows)
            """);
  }

  @Test
  void shouldShowMoreRowsThanItMeasures() throws IOException {
    Object[][] rows = new Object[1200][];
    Arrays.setAll(rows, i -> row("x" + "y".repeat(i / 300), (long) i));
    String table = write(ResultFormat.TABLE, 0, COLUMNS, rows);
    assertThat(table.lines()).hasSize(1203).endsWith("(1200 rows)");
  }

  @Test
  void shouldNotLetAnArgumentSteerTheTerminal() throws IOException {
    String evil = "\u001b[2J\r\n\u009b31m\u202e";
    assertThat(write(ResultFormat.TABLE, 0, COLUMNS, row(evil, 1L)))
        .contains("\\u001b[2J\\u000d\\n\\u009b31m\\u202e");
    assertThat(write(ResultFormat.JSONL, 0, COLUMNS, row(evil, 1L)))
        .isEqualTo("{\"exe\":\"\\u001b[2J\\r\\n\\u009b31m\u202e\",\"n\":1}\n");
  }

  @Test
  void shouldQuoteCsv() throws IOException {
    assertThat(
            write(
                ResultFormat.CSV,
                0,
                COLUMNS,
                row("a,\"b\"\nc", 1L),
                row("", null),
                row(List.of("x", "y z"), 2.5)))
        .isEqualTo("exe,n\n\"a,\"\"b\"\"\nc\",1\n\"\",\n\"[\"\"x\"\",\"\"y z\"\"]\",2.5\n");
  }

  @Test
  void shouldNestJson() throws IOException {
    Map<String, Object> struct = new LinkedHashMap<>();
    struct.put("id", new BigInteger("18446744073709551615"));
    struct.put("none", null);
    struct.put("list", List.of());
    assertThat(
            write(ResultFormat.JSON, 0, COLUMNS, row(List.of(struct), Double.NaN), row("ü\"", 1L)))
        .isEqualTo(
            "[{\"exe\":[{\"id\":18446744073709551615,\"none\":null,\"list\":[]}],\"n\":\"NaN\"},\n"
                + " {\"exe\":\"ü\\\"\",\"n\":1}]\n");
    assertThat(write(ResultFormat.JSON, 0, COLUMNS)).isEqualTo("[]\n");
    assertThat(write(ResultFormat.JSONL, 0, COLUMNS)).isEmpty();
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static String write(
      ResultFormat format, int width, List<Column> columns, Object[]... rows) throws IOException {
    StringBuilder out = new StringBuilder();
    RowSink sink = format.open(out, width);
    sink.begin(columns);
    for (Object[] row : rows) {
      sink.row(row);
    }
    sink.end();
    return out.toString();
  }
}
