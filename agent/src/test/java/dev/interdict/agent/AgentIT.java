package dev.interdict.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import dev.interdict.agent.kernel.SensorConfig;
import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.bus.local.LocalClient;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.ListContainments;
import dev.interdict.schema.Position;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentIT {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Pki PKI = Pki.create("test", DAY);

  private final NodeId node = NodeId.random();
  private Path directory;
  private Backplane backplane;
  private Agent agent;

  @BeforeEach
  void start() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "the sensor needs root");
    assumeTrue(Files.exists(Path.of("/sys/kernel/btf/vmlinux")), "the sensor needs BTF");
    // Short, for the sake of the local socket's path.
    directory = Files.createTempDirectory(Path.of("/tmp"), "agent");
    backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress("127.0.0.1", 0), PKI.issue(Role.BACKPLANE, "b", DAY)));
    agent = startAgent();
  }

  @AfterEach
  void stop() throws IOException {
    if (agent != null) {
      agent.close();
    }
    if (backplane != null) {
      backplane.close();
    }
    if (directory != null) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path each : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(each);
        }
      }
    }
    Files.deleteIfExists(Path.of("/sys/fs/bpf/interdict").resolve(node.toString()));
  }

  @Test
  void shouldServeWhatTheKernelSawToAConsumer() throws Exception {
    String mark = "interdict-" + UUID.randomUUID();
    try (BusClient client = BusClient.connect(bus(Role.CONSUMER, "tester"), "tester");
        EventStream stream =
            client.subscribe(
                Subscribe.newBuilder()
                    .setNode(node.toString())
                    .addKinds(Kind.EXEC)
                    .setFrom(
                        Position.newBuilder()
                            .setNode(node.toString())
                            .setEpoch(agent.epoch())
                            .setSequence(1))
                    .build())) {
      assertThat(new ProcessBuilder("/bin/echo", mark).start().waitFor(5, TimeUnit.SECONDS))
          .isTrue();
      List<String> seen = new ArrayList<>();
      Awaitility.await()
          .atMost(LIMIT)
          .until(
              () -> {
                collectArguments(stream, seen);
                return seen.contains("/bin/echo " + mark);
              });
    }
  }

  @Test
  void shouldObserveASubscribedKindThatTheNodeDoesNotKeep() throws Exception {
    agent.close();
    agent =
        Agent.start(
            config().withSensor(SensorConfig.defaults().withKinds(Set.of(Kind.EXEC, Kind.EXIT))));
    Path folder = Files.createDirectory(directory.resolve("folder"));
    try (BusClient client = BusClient.connect(bus(Role.CONSUMER, "tester"), "tester");
        EventStream stream =
            client.subscribe(
                Subscribe.newBuilder().setNode(node.toString()).addKinds(Kind.UNLINK).build())) {
      Awaitility.await()
          .atMost(LIMIT)
          .until(
              () -> {
                // Until the wish has come to the kernel, nothing of it is seen.
                Path made = Files.createDirectories(folder.resolve("made"));
                new ProcessBuilder("/bin/rmdir", made.toString())
                    .start()
                    .waitFor(5, TimeUnit.SECONDS);
                return hasKind(stream, Kind.UNLINK);
              });
    }
  }

  @Test
  void shouldCarryOutWhatAResponderSendsOverTheBus() throws Exception {
    try (BusClient client = BusClient.connect(bus(Role.RESPONDER, "r"), "r")) {
      long now = System.currentTimeMillis() * 1_000_000L;
      Command list =
          Command.newBuilder()
              .setId("list-1")
              .setNode(node.toString())
              .setEpoch(agent.epoch())
              .setIssued(now)
              .setExpires(now + 10_000_000_000L)
              .setNonce(ByteString.copyFrom(new byte[16]))
              .setList(ListContainments.getDefaultInstance())
              .build();
      Identity responder = PKI.issue(Role.RESPONDER, "r", DAY);
      Awaitility.await()
          .atMost(LIMIT)
          .until(
              () -> {
                CommandResult result =
                    client.send(responder.sign(list), node.toString()).get(10, TimeUnit.SECONDS);
                return result.getStatus() == Status.DONE;
              });
    }
  }

  @Test
  void shouldTellItsStatusOnTheHost() throws Exception {
    assertThat(new ProcessBuilder("/bin/true").start().waitFor(5, TimeUnit.SECONDS)).isTrue();
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> agent.status().events() > 0 && agent.connections() == 1);
    String status =
        new String(LocalClient.ask(directory, Agent.SOCKET, "status"), StandardCharsets.UTF_8);
    assertThat(status)
        .contains("\"node\":\"" + node + "\"")
        .contains("\"name\":\"host-1\"")
        .contains("\"capturing\":true")
        .contains("\"connections\":1")
        .contains("\"can_contain\":true")
        .contains("\"kind\":\"exec\"");
  }

  @Test
  void shouldGoOnInTheSameEpochAfterACleanStop() throws Exception {
    Awaitility.await().atMost(LIMIT).until(() -> agent.status().lastSequence() > 0);
    long epoch = agent.epoch();
    agent.close();
    agent = startAgent();
    assertThat(agent.epoch()).isEqualTo(epoch);
    assertThat(agent.node()).isEqualTo(node);
  }

  private Agent startAgent() throws IOException {
    return Agent.start(config());
  }

  private AgentConfig config() {
    return AgentConfig.of(directory, "host-1", bus(Role.NODE, node.toString()))
        .withRun(directory.resolve("agents"));
  }

  private static boolean hasKind(EventStream stream, Kind kind) {
    for (EventBatch batch = stream.poll(); batch != null; batch = stream.poll()) {
      while (batch.next()) {
        if (batch.kind() == kind.getNumber()) {
          return true;
        }
      }
    }
    return false;
  }

  private BusConfig bus(Role role, String id) {
    return new BusConfig(List.of(backplane.address()), PKI.issue(role, id, DAY));
  }

  private static void collectArguments(EventStream stream, List<String> into) {
    EventView view = new EventView();
    for (EventBatch batch = stream.poll(); batch != null; batch = stream.poll()) {
      while (batch.next()) {
        if (batch.kind() == Kind.EXEC_VALUE) {
          view.wrap(batch.array(), batch.offset(), batch.length());
          into.add(String.join(" ", view.strings(Field.PROCESS_ARGS)));
        }
      }
    }
  }
}
