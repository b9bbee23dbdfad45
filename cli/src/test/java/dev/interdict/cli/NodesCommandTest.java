package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class NodesCommandTest {
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void shouldListTheNodesThatAreMeant(@TempDir Path directory) throws Exception {
    Pki pki = Pki.create("test", DAY);
    pki.issue(Role.ADMIN, "admin", DAY).save(directory.resolve("admin"));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (Backplane backplane =
            Backplane.start(new BackplaneConfig(any, pki.issue(Role.BACKPLANE, "b", DAY)));
        Recorder recorder = Recorder.open(RecorderConfig.of(directory.resolve("node")));
        NodeLink link =
            new NodeLink(
                new BusConfig(
                    List.of(backplane.address()),
                    pki.issue(Role.NODE, recorder.node().toString(), DAY)),
                recorder,
                NodeInfo.newBuilder().setName("web-1").putLabels("zone", "a").build(),
                command -> CommandResult.getDefaultInstance())) {
      link.tellUnseen(Set.of(Kind.IO_URING, Kind.KEXEC));
      await().until(() -> link.connections() == 1);
      String address = "127.0.0.1:" + backplane.address().getPort();
      String admin = directory.resolve("admin").toString();

      String table = run("nodes", "--backplane", address, "--identity", admin);
      assertThat(table).contains("NAME").contains("web-1").contains(recorder.node().toString());

      JsonNode json =
          new ObjectMapper()
              .readTree(
                  run("nodes", "zone=a", "--json", "--backplane", address, "--identity", admin));
      assertThat(json.get("node").asText()).isEqualTo(recorder.node().toString());
      assertThat(json.get("epoch").asLong()).isEqualTo(recorder.epoch());
      assertThat(json.get("labels").get("zone").asText()).isEqualTo("a");
      assertThat(json.get("lost").asLong()).isZero();
      assertThat(json.get("unseen"))
          .extracting(JsonNode::asText)
          .containsExactly("kexec", "io_uring");

      assertThat(run("nodes", "zone=b", "--json", "--backplane", address, "--identity", admin))
          .isEmpty();
    }
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine command = Interdict.commandLine().setOut(new PrintWriter(out, true));
    assertThat(command.execute(arguments)).isEqualTo(ExitCode.OK);
    return out.toString();
  }
}
