package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks every question of docs/forensics.md, as it stands there, about a small break-in. */
final class ForensicsTest {
  private static final Pattern QUESTION =
      Pattern.compile(
          "`interdict query --saved ([a-z-]+)([^`]*)`\\n\\n```sql\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern PARAMETER = Pattern.compile("-p (\\w+)=('[^']*'|\\S+)");

  /** What the first row of each answer must say. */
  private static final Map<String, Map<String, Object>> FIRST =
      Map.ofEntries(
          Map.entry("story", Map.of("kind", "exec", "exe", "/tmp/.x")),
          Map.entry("process-tree", Map.of("depth", -1L, "process", "/usr/sbin/nginx")),
          Map.entry("what-ran", Map.of("command_line", "nginx -g daemon")),
          Map.entry("who-talked-to", Map.of("exe", "/tmp/.x", "direction", "outbound")),
          Map.entry("who-wrote", Map.of("exe", "/usr/bin/dash", "kind", "open")),
          Map.entry("first-seen", Map.of("times", 1L, "first_parent", "/usr/bin/dash")),
          Map.entry("new-programs", Map.of("exe", "/usr/bin/dash", "nodes", 1L)),
          Map.entry("dropped-and-run", Map.of("exe", "/tmp/.x", "just_written", true)),
          Map.entry("shells-on-sockets", Map.of("exe", "/usr/bin/dash")),
          Map.entry("became-root", Map.of("exe", "/tmp/.x", "old_uid", 33L)),
          Map.entry("sensitive-reads", Map.of("file_path", "/etc/shadow", "times", 1L)),
          Map.entry("logins", Map.of("login_user", "root", "failed", 1L, "succeeded", 0L)),
          Map.entry("listening", Map.of("port", 31337L, "exe", "/tmp/.x")),
          Map.entry("sent-out", Map.of("exe", "/tmp/.x", "remote_address", "198.51.100.7")),
          Map.entry("not-seen", Map.of("reason", "ring_full", "gaps", 1L)));

  @TempDir private Path data;

  @BeforeEach
  void archive() throws IOException {
    Intrusion.write(data);
  }

  @Test
  void shouldAnswerEveryQuestionOfTheDocument() throws Exception {
    SavedQueries saved = new SavedQueries(null);
    List<String> asked = new ArrayList<>();
    Matcher question = QUESTION.matcher(Files.readString(Path.of("../docs/forensics.md")));
    while (question.find()) {
      String name = question.group(1);
      asked.add(name);
      assertThat(question.group(3)).as(name).isEqualTo(saved.text(name));
      Answer answer = ask(saved.text(name), parameters(question.group(2)));
      assertThat(answer.rows).as(name).isNotEmpty();
      assertThat(answer.rows.get(0)).as(name).containsAllEntriesOf(FIRST.get(name));
    }
    assertThat(asked).containsExactlyElementsOf(SavedQueries.SHIPPED);
    assertThat(saved.titles()).containsOnlyKeys(SavedQueries.SHIPPED);
    assertThat(saved.titles().values()).noneMatch(String::isEmpty);
  }

  @Test
  void shouldPutEachProcessBelowItsParent() throws Exception {
    assertThat(ask("FROM process_tree(100)", Map.of()).rows)
        .extracting(row -> row.get("process"))
        .containsExactly("/usr/sbin/nginx", "  /usr/bin/dash", "    /tmp/.x");
    assertThat(ask("FROM process_tree(102)", Map.of()).rows)
        .extracting(row -> row.get("depth"))
        .containsExactly(-2L, -1L, 0L);
  }

  @Test
  void shouldTellTheStoryOfAnAlertInOrderWithItsEvidenceMarked() throws Exception {
    Answer story = ask("FROM story('5eed')", Map.of());
    assertThat(story.rows)
        .extracting(row -> row.get("kind"))
        .containsExactly("exec", "setuid", "open", "connect", "disconnect", "listen");
    assertThat(story.rows).extracting(row -> row.get("step")).containsOnlyOnce("read");
    assertThat(ask("FROM story('none')", Map.of()).rows).isEmpty();
  }

  @Test
  void shouldShowAnAlertOnceAsItStandsWithTheEvidenceOfItsFirstVersion() throws Exception {
    assertThat(ask("SELECT count, evidence[1].kind AS kind FROM alerts", Map.of()).rows)
        .containsExactly(Map.of("count", 3L, "kind", "open"));
    assertThat(ask("SELECT count(*) FROM alert_versions", Map.of()).only()).isEqualTo(2L);
    assertThat(ask("SELECT incident_id, score, rules FROM incidents", Map.of()).rows)
        .containsExactly(
            Map.of(
                "incident_id",
                "1c1d",
                "score",
                70L,
                "rules",
                List.of("Shadow file read by a dropped program")));
  }

  @Test
  void shouldGiveTheClassesOfOcsf() throws Exception {
    Map<String, Long> expected =
        Map.of(
            "process_activity", 5L,
            "file_activity", 2L,
            "network_activity", 4L,
            "authentication", 1L,
            "detection_finding", 1L,
            "incident_finding", 1L,
            "dns_activity", 0L,
            "http_activity", 0L,
            "memory_activity", 0L,
            "kernel_extension_activity", 0L);
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      for (Map.Entry<String, Long> view : expected.entrySet()) {
        Answer answer = new Answer();
        query.run("SELECT count(*) FROM ocsf_" + view.getKey(), answer);
        assertThat(answer.only()).as(view.getKey()).isEqualTo(view.getValue());
      }
    }
    assertThat(
            ask(
                    "SELECT type_uid, actor.process.file.path AS parent, process.cmd_line AS line"
                        + " FROM ocsf_process_activity ORDER BY time LIMIT 1 OFFSET 2",
                    Map.of())
                .rows)
        .containsExactly(
            Map.of("type_uid", 100701, "parent", "/usr/bin/dash", "line", "/tmp/.x 198.51.100.7"));
  }

  @Test
  void shouldBindParametersWhereTheyAreParametersOnly() throws Exception {
    assertThat(
            QueryParameters.bind(
                "SELECT '$a', \"$a\", $a, $$ $a $$, e'\\'$a' -- $a\n/* $a */, $a",
                Map.of("a", "it's")))
        .isEqualTo("SELECT '$a', \"$a\", 'it''s', $$ $a $$, e'\\'$a' -- $a\n/* $a */, 'it''s'");
    assertThatThrownBy(() -> QueryParameters.bind("SELECT $a", Map.of()))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("-p a=VALUE");
    assertThatThrownBy(() -> QueryParameters.bind("SELECT 1", Map.of("b", "1")))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("no parameter $b");
    assertThatThrownBy(() -> new SavedQueries(null).text("../secret"))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("who-wrote");
  }

  private Answer ask(String sql, Map<String, String> parameters) throws Exception {
    return Answer.to(data, QueryParameters.bind(sql, parameters));
  }

  private static Map<String, String> parameters(String options) {
    Map<String, String> parameters = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(options);
    while (parameter.find()) {
      parameters.put(parameter.group(1), parameter.group(2).replace("'", ""));
    }
    return parameters;
  }
}
