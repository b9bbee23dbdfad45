package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentStatusTextTest {
  private static final String HEALTHY =
      """
      {"node": "5f", "name": "host-1", "epoch": 3, "last_sequence": 42, "started": "2026-01-01T00:00:00Z",
       "connections": 2, "capturing": true, "events": 7, "event_bytes": 2097152, "unwritten": 0,
       "undecodable": 0, "processes": 12, "missing_capabilities": [], "can_contain": true,
       "kinds": [
         {"kind": "exec", "seen": 9, "filtered": 1, "deduplicated": 0, "capped": 0, "recorded": 8, "lost": 0},
         {"kind": "kexec", "seen": 0, "filtered": 0, "deduplicated": 0, "capped": 0, "recorded": 0, "lost": 0}],
       "hooks": [{"kind": "exec", "hook": "tp_btf/sched_process_exec", "attached": true}],
       "containments": []}
      """;

  @Test
  void shouldSayWhatIsSoAndCountWhatWasSeen() throws IOException {
    List<String> lines = print(HEALTHY);
    assertThat(lines.get(0)).isEqualTo("node         host-1 (5f), epoch 3, last sequence 42");
    assertThat(lines.get(1)).startsWith("capturing    yes, started 2026-01-01T00:00:00Z, 12 ");
    assertThat(lines).contains("containment  possible");
    assertThat(lines).anyMatch(line -> line.matches("exec +9 +1 +0 +0 +8 +0"));
    assertThat(lines).noneMatch(line -> line.contains("kexec") || line.startsWith("NOT SEEN"));
    assertThat(lines).noneMatch(line -> line.startsWith("missing"));
  }

  @Test
  void shouldSayWhatIsMissingAndHeld() throws IOException {
    List<String> lines =
        print(
            HEALTHY
                .replace("\"missing_capabilities\": []", "\"missing_capabilities\": [\"CAP_KILL\"]")
                .replace("\"capturing\": true", "\"capturing\": false")
                .replace(
                    "\"can_contain\": true", "\"can_contain\": false, \"obstacle\": \"no bpffs\"")
                .replace(
                    "\"attached\": true}",
                    "\"attached\": false, \"reason\": \"load: Operation not permitted\"}")
                .replace(
                    "\"containments\": []",
                    "\"containments\": [{\"id\": \"c1\", \"cgroup\": \"/a\", \"cut\": true,"
                        + " \"frozen\": false, \"until\": \"2026-01-01T00:01:00Z\"}]"));
    assertThat(lines).contains("missing      CAP_KILL", "containment  NOT possible: no bpffs");
    assertThat(lines.get(1)).contains("NO: the sensor has stopped");
    assertThat(lines)
        .anyMatch(line -> line.matches("exec +tp_btf/.* load: Operation not permitted"));
    assertThat(lines).anyMatch(line -> line.matches("c1 +/a +yes +no +2026-01-01T00:01:00Z"));
  }

  private static List<String> print(String json) throws IOException {
    StringWriter text = new StringWriter();
    AgentStatusText.print(new ObjectMapper().readTree(json), new PrintWriter(text, true));
    return text.toString().lines().toList();
  }
}
