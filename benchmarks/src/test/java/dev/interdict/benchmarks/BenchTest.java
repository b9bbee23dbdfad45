package dev.interdict.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class BenchTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldListWhatCanBeMeasured() {
    assertThat(run()).isZero();
    assertThat(out.toString()).contains("decode ").contains("overhead ");
  }

  @Test
  void shouldNameACaseThatDoesNotExistAndThoseThatDo() {
    assertThat(run("overhead", "--case", "forkexec,openclos")).isEqualTo(2);
    assertThat(err.toString()).contains("openclos;").contains("openclose_filtered, ");
  }

  @Test
  void shouldRefuseANumberOfPairsThatIsNone() {
    assertThat(run("overhead", "--pairs", "-3")).isEqualTo(2);
    assertThat(err.toString()).contains("--pairs=-3");
  }

  @Test
  void shouldSayRowsIntervalsAndNotesInEveryForm() throws Exception {
    Table table = new Table("sample");
    table.ours("one", "wall_ratio", 1.25, new Ratios.Interval(1.125, 1.5), "x");
    table.peer("one", "wall_ratio", 2.5, "x", "rival");
    table.published("one", "wall_ratio", 1.61, "x", "rival, elsewhere");
    table.note("two cores");

    JsonNode rows = new ObjectMapper().readTree(table.toJson()).get("rows");
    assertThat(rows.get(0).get("low").asDouble()).isEqualTo(1.125);
    assertThat(rows.get(0).get("ratio").isNull()).isTrue();
    assertThat(rows.get(1).get("ratio").asDouble()).isEqualTo(0.5);
    assertThat(rows.get(2).get("ratio").isNull()).as("no ratio across machines").isTrue();
    table.print(new PrintWriter(out));
    assertThat(out.toString()).contains("1.125–1.500").contains("# two cores");
    table.printMarkdown(new PrintWriter(err));
    assertThat(err.toString())
        .contains("- two cores")
        .contains("| one | wall_ratio | 1.250 | 1.125–1.500 | x |  |  |");
  }

  private int run(String... arguments) {
    CommandLine command = new CommandLine(new Bench());
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
