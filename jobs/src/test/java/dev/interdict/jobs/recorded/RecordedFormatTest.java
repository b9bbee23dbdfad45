package dev.interdict.jobs.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.jobs.TestRules;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordedFormatTest {
  private static final String EXEC =
      """
      {"ts": 1700000000.25, "pid": 7, "ppid": 5, "event": "process_exec", "path": "/bin/sh", \
      "Image": "/usr/bin/dash", "argv": ["sh", "-c", "id"], "CommandLine": "sh -c id", "seq": 12}
      """;

  private long ignored;
  private long gaps;

  @Test
  void shouldKeepTheAddressThatARecorderGave() throws IOException {
    Event event = TestRules.exec("a", "box", 5);
    byte[] bytes = event.toByteArray();
    String json = EventJson.toJson(new EventView().wrap(bytes, 0, bytes.length));
    NodeId node = NodeId.random();
    String exported = "{\"node\":\"" + node + "\",\"epoch\":3,\"sequence\":17," + json.substring(1);

    List<NodeEvent> events = read(exported + "\n\n" + json + "\n");

    assertThat(events.get(0).node()).isEqualTo(node);
    assertThat(events.get(0).epoch()).isEqualTo(3);
    assertThat(events.get(0).sequence()).isEqualTo(17);
    assertThat(Event.parseFrom(events.get(0).body())).isEqualTo(event);
    // A traced event has none: the line, from 0, stands for it. Empty lines count.
    assertThat(events.get(1).epoch()).isEqualTo(RecordedEvents.LINE_EPOCH);
    assertThat(events.get(1).sequence()).isEqualTo(2);
  }

  @Test
  void shouldReadSigmasFieldNames() throws IOException {
    NodeEvent read = read(EXEC).get(0);
    Event event = Event.parseFrom(read.body());

    assertThat(read.epoch()).isEqualTo(1);
    assertThat(read.sequence()).isEqualTo(12);
    assertThat(event.getTime()).isEqualTo(1_700_000_000_250_000_000L);
    assertThat(event.getProcess().getExe()).isEqualTo("/usr/bin/dash");
    assertThat(event.getProcess().getPath()).isEqualTo("/bin/sh");
    assertThat(event.getProcess().getArgsList()).containsExactly("sh", "-c", "id");
  }

  @Test
  void shouldTellTheLogsourceFromTheFields() throws IOException {
    List<NodeEvent> events =
        read(
            """
            {"Image": "/bin/a", "CommandLine": "a"}
            {"Image": "/bin/a", "TargetFilename": "/tmp/x"}
            {"Image": "/bin/a", "DestinationIp": "1.2.3.4", "DestinationPort": 80}
            {"Image": "/bin/a", "DestinationIp": "1.2.3.4", "Initiated": "false"}
            {"Image": "/bin/a", "QueryName": "example.org"}
            {"type": "SYSCALL", "SYSCALL": "ptrace", "comm": "gdb", "success": "yes"}
            {"type": "EXECVE", "a0": "ls", "a1": "-l"}
            {"type": "PATH", "name": "/etc/x", "nametype": "CREATE"}
            {"EventID": 5, "Image": "/bin/a"}
            {"temperature": 20}
            """);

    assertThat(events)
        .extracting(NodeEvent::kind)
        .containsExactly(
            Kind.EXEC_VALUE,
            Kind.OPEN_VALUE,
            Kind.CONNECT_VALUE,
            Kind.ACCEPT_VALUE,
            Kind.DNS_VALUE,
            Kind.PTRACE_VALUE,
            Kind.EXEC_VALUE,
            Kind.OPEN_VALUE,
            Kind.EXIT_VALUE);
    assertThat(ignored).isEqualTo(1);
    assertThat(Event.parseFrom(events.get(6).body()).getProcess().getArgsList())
        .containsExactly("ls", "-l");
  }

  @Test
  void shouldPutTheRecordsOfOneSystemCallTogetherThoughTheyAreMixed() throws IOException {
    List<NodeEvent> events =
        read(
            """
            type=SYSCALL msg=audit(1604994496.155:1): arch=c000003e syscall=59 success=yes exit=0 ppid=2 pid=9 uid=1000 comm="ls" exe="/usr/bin/ls" key=(null)
            type=SYSCALL msg=audit(1604994496.155:2): arch=c000003e syscall=42 success=no exit=-111 pid=3 comm="x" exe=2F746D702F6120622063
            type=EXECVE msg=audit(1604994496.155:1): argc=2 a0="ls" a1=2F746D70202F
            type=SOCKADDR msg=audit(1604994496.155:2): saddr=02000050A9FEA9FE0000000000000000
            type=EOE msg=audit(1604994496.155:1):
            type=USER_LOGIN msg=audit(1604994497.000:3): pid=1
            """);

    assertThat(events).hasSize(2);
    Event exec = Event.parseFrom(events.get(0).body());
    assertThat(exec.getProcess().getArgsList()).containsExactly("ls", "/tmp /");
    assertThat(exec.getProcess().getExe()).isEqualTo("/usr/bin/ls");
    assertThat(events.get(0).sequence()).isZero();
    Event connect = Event.parseFrom(events.get(1).body());
    assertThat(connect.getResult()).isEqualTo(-111);
    assertThat(connect.getProcess().getExe()).isEqualTo("/tmp/a b c");
    assertThat(connect.getConnect().getRemoteAddress()).isEqualTo("169.254.169.254");
    assertThat(connect.getConnect().getRemotePort()).isEqualTo(80);
    assertThat(events.get(1).sequence()).isEqualTo(1);
    assertThat(ignored).isEqualTo(1);
  }

  @Test
  void shouldReadSysmonInSyslog() throws IOException {
    String xml =
        "<Event><System><EventID>1</EventID><TimeCreated SystemTime=\\\"2022-05-11T18:10:21.5Z\\\"/>"
            + "<Computer>u5</Computer></System><EventData><Data Name=\\\"ProcessId\\\">17</Data>"
            + "<Data Name=\\\"Image\\\">/bin/bash</Data>"
            + "<Data Name=\\\"CommandLine\\\">bash -c &quot;id&quot; &gt;x</Data>"
            + "<Data Name=\\\"ParentImage\\\">-</Data></EventData></Event>";

    Event event = Event.parseFrom(read("{\"SyslogMessage\":\"" + xml + "\"}").get(0).body());

    assertThat(event.getKind()).isEqualTo(Kind.EXEC);
    assertThat(String.join(" ", event.getProcess().getArgsList())).isEqualTo("bash -c \"id\" >x");
    assertThat(event.getProcess().getAncestorsCount()).isZero();
    assertThat(event.getTime()).isEqualTo(1_652_292_621_500_000_000L);
  }

  @Test
  void shouldFillInAncestorsThatWereToldBefore() throws IOException {
    List<NodeEvent> events =
        read(
            """
            {"event": "process_exec", "pid": 10, "ppid": 1, "Image": "/usr/sbin/nginx", "CommandLine": "nginx"}
            {"event": "process_exec", "pid": 11, "ppid": 10, "Image": "/bin/sh", "CommandLine": "sh"}
            {"event": "process_exec", "pid": 12, "ppid": 11, "Image": "/bin/id", "CommandLine": "id"}
            """);

    Event last = Event.parseFrom(events.get(2).body());
    assertThat(last.getProcess().getAncestorsList())
        .extracting(ancestor -> ancestor.getExe())
        .containsExactly("/bin/sh", "/usr/sbin/nginx");
  }

  @Test
  void shouldUnderstandAGap() throws IOException {
    for (String input :
        List.of(
            "{\"gap\": {\"count\": 5}}\n" + EXEC,
            EXEC + "{\"gap\": 5, \"seq\": 13}\n",
            "{\"gap\":{\"reason\":\"ring_full\"}}\n{\"time\":5,\"kind\":\"exec\"}\n",
            "{\"time\":5,\"kind\":\"gap\",\"gap\":{\"count\":3,\"reason\":\"retention\"}}\n")) {
      assertThat(read(input)).as(input).isNotEmpty();
      assertThat(gaps).as(input).isEqualTo(1);
    }
  }

  @Test
  void shouldNamePlaceAndMistake() {
    assertThatThrownBy(() -> read(EXEC + "{\"event\": \"process_exec\", \"pid\": \"many\"}"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("trace:2: invalid pid=many: expected a whole number");
    assertThatThrownBy(() -> read(EXEC + "\n{\"event\": "))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("trace:3: not JSON: ");
    assertThatThrownBy(() -> read("{\"time\":5,\"kind\":\"exec\"}\n{\"time\":5,\"kind\":\"exce\"}"))
        .hasMessageStartingWith("trace:2: unknown kind=exce");
    assertThatThrownBy(() -> read("hello\n"))
        .hasMessage("trace:1: neither JSON nor audit records: state the --format");
    assertThatThrownBy(() -> read("type=CWD msg=audit(1.5:1): cwd=\"/\"\nnonsense"))
        .hasMessageStartingWith("trace:2: expected type=");
  }

  private List<NodeEvent> read(String text) throws IOException {
    List<NodeEvent> read = new ArrayList<>();
    try (RecordedEvents events =
        RecordedFormat.AUTO.open(
            "trace", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))) {
      for (NodeEvent event = events.next(); event != null; event = events.next()) {
        read.add(event);
      }
      ignored = events.ignored();
      gaps = events.gaps();
    }
    return read;
  }
}
