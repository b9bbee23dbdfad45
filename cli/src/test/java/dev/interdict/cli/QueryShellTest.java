package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.storage.Query;
import dev.interdict.storage.QueryLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueryShellTest {
  @TempDir private Path data;

  private String say(String input) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Path history = data.resolve("history");
    try (Query query = Query.open(data, QueryLimits.defaults());
        Terminal terminal =
            new DumbTerminal(
                "test",
                "dumb",
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                out,
                StandardCharsets.UTF_8)) {
      new QueryShell(query, terminal, null, history).run();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldAnswerQuestionsOfSeveralLines() throws Exception {
    assertThat(say(".format csv\nSELECT 40 +\n2 AS answer;\n.quit\n")).contains("answer\n42\n");
  }

  @Test
  void shouldGoOnAfterAMistake() throws Exception {
    String said = say(".format csv\nSELECT nothing FROM events;\n.fly\nSELECT 'it''s; on' AS a;\n");
    assertThat(said).contains("nothing").contains("unknown command .fly").contains("it's; on");
  }

  @Test
  void shouldTellWhatThereIs() throws Exception {
    assertThat(say(".tables\n.columns events\n.saved\n.saved who-wrote\n.help\n"))
        .contains("alerts", "process_exe", "who-wrote", "who_wrote($path)", ".quit");
  }

  @Test
  void shouldNotWrite() throws Exception {
    assertThat(say("DROP VIEW events;\n.quit\n")).contains("only questions are allowed");
    assertThat(Files.readString(data.resolve("history"))).contains("DROP VIEW events");
  }
}
