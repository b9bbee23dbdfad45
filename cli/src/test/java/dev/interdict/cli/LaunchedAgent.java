package dev.interdict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.interdict.agent.Agent;
import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.local.LocalClient;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code interdict agent run} as a user starts it, with a backplane and a responder for it. */
final class LaunchedAgent implements AutoCloseable {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pki PKI = Pki.create("test", DAY);
  private static final Path LAUNCHER = Path.of("../interdict").toAbsolutePath().normalize();

  private final Path directory;
  private final Backplane backplane;
  private final BusClient client;
  private final Identity responder = PKI.issue(Role.RESPONDER, "r", DAY);
  private final NodeId node = NodeId.random();
  private Process process;

  private LaunchedAgent(Path directory, Backplane backplane, BusClient client) {
    this.directory = directory;
    this.backplane = backplane;
    this.client = client;
  }

  static void assumePossible() {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root");
    assumeTrue(Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "the kernel has no BTF");
  }

  /** Returns when it captures and its uplink stands. */
  static LaunchedAgent start() throws Exception {
    // Short, for the sake of the local socket's path.
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "agent");
    Backplane backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress("127.0.0.1", 0), PKI.issue(Role.BACKPLANE, "b", DAY)));
    BusConfig bus =
        new BusConfig(List.of(backplane.address()), PKI.issue(Role.RESPONDER, "r", DAY));
    LaunchedAgent agent =
        new LaunchedAgent(directory, backplane, BusClient.connect(bus, "launched-agent"));
    try {
      PKI.issue(Role.NODE, agent.node.toString(), DAY).save(directory.resolve("identity"));
      agent.launch();
      return agent;
    } catch (Exception e) {
      agent.close();
      throw e;
    }
  }

  /** The launcher with what this test runs, instead of a build of its own. */
  static ProcessBuilder launcher(String... arguments) {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    return launcher(command);
  }

  private static ProcessBuilder launcher(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .put(
            "INTERDICT_CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return builder.redirectErrorStream(true);
  }

  void launch() throws IOException {
    process =
        launcher(
                "agent",
                "run",
                "--data",
                directory.resolve("data").toString(),
                "--identity",
                directory.resolve("identity").toString(),
                "--backplane",
                "127.0.0.1:" + backplane.address().getPort(),
                "--name",
                "launched",
                "--run",
                directory.resolve("run").toString())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              assertThat(process.isAlive()).as(Files.readString(log())).isTrue();
              return Files.exists(data().resolve("run/agent.sock"))
                  && status().get("connections").asInt() == 1;
            });
  }

  Path data() {
    return directory.resolve("data");
  }

  Process process() {
    return process;
  }

  String said() throws IOException {
    return Files.readString(log());
  }

  private Path log() {
    return directory.resolve("log");
  }

  JsonNode status() throws IOException {
    byte[] answer = LocalClient.ask(data(), Agent.SOCKET, "status");
    return new ObjectMapper().readTree(new String(answer, StandardCharsets.UTF_8));
  }

  CommandResult send(UnaryOperator<Command.Builder> change) throws Exception {
    byte[] nonce = new byte[16];
    new SecureRandom().nextBytes(nonce);
    long now = System.currentTimeMillis() * 1_000_000L;
    Command.Builder command =
        Command.newBuilder()
            .setId(UUID.randomUUID().toString())
            .setNode(node.toString())
            .setEpoch(status().get("epoch").asLong())
            .setIssued(now)
            .setExpires(now + 20_000_000_000L)
            .setNonce(ByteString.copyFrom(nonce));
    return client
        .send(responder.sign(change.apply(command).build()), node.toString())
        .get(20, TimeUnit.SECONDS);
  }

  void stop() {
    process.destroy();
    Awaitility.await().atMost(LIMIT).until(() -> !process.isAlive());
  }

  @Override
  public void close() throws IOException {
    if (process != null) {
      process.destroy();
      try {
        Awaitility.await().atMost(LIMIT).until(() -> !process.isAlive());
      } finally {
        process.destroyForcibly();
      }
    }
    client.close();
    backplane.close();
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path each : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
    Files.deleteIfExists(Path.of("/sys/fs/bpf/interdict").resolve(node.toString()));
  }
}
