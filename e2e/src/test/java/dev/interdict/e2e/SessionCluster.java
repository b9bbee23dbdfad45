package dev.interdict.e2e;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A session cluster of Flink's own processes, made of the artifacts on this test's class path: what
 * a distribution has in {@code lib/}, and nothing of ours.
 */
final class SessionCluster implements AutoCloseable {
  private static final List<String> OPENS =
      List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-opens=java.base/java.time=ALL-UNNAMED");
  private static final List<String> LIBRARIES =
      List.of(
          "flink-annotations",
          "flink-clients",
          "flink-core",
          "flink-datastream",
          "flink-runtime",
          "flink-streaming-java",
          "flink-rpc",
          "flink-metrics-core",
          "flink-queryable-state",
          "flink-hadoop-fs",
          "flink-file-sink-common",
          "flink-shaded",
          "flink-connector-",
          "flink-cep",
          "kryo",
          "minlog",
          "objenesis",
          "reflectasm",
          "commons-",
          "lz4-java",
          "snappy-java",
          "async-profiler",
          "javassist",
          "RoaringBitmap",
          "jsr305",
          "slf4j-api",
          "logback",
          "asm",
          "snakeyaml-engine");

  private final Path directory;
  private final Process master;
  private Process worker;
  private int logs;

  SessionCluster(Path directory) throws IOException {
    this.directory = directory;
    Path conf = Files.createDirectories(directory.resolve("conf"));
    Files.createDirectories(directory.resolve("plugins"));
    String configuration =
        """
        jobmanager.rpc.address: 127.0.0.1
        jobmanager.bind-host: 127.0.0.1
        jobmanager.rpc.port: %d
        jobmanager.memory.process.size: 768m
        rest.address: 127.0.0.1
        rest.bind-address: 127.0.0.1
        rest.port: %d
        taskmanager.host: 127.0.0.1
        taskmanager.bind-host: 127.0.0.1
        taskmanager.numberOfTaskSlots: 2
        taskmanager.cpu.cores: 1.0
        taskmanager.memory.framework.heap.size: 128m
        taskmanager.memory.framework.off-heap.size: 64m
        taskmanager.memory.task.heap.size: 256m
        taskmanager.memory.task.off-heap.size: 128m
        taskmanager.memory.managed.size: 16m
        taskmanager.memory.network.min: 32m
        taskmanager.memory.network.max: 32m
        taskmanager.memory.jvm-metaspace.size: 192m
        taskmanager.memory.jvm-overhead.min: 64m
        taskmanager.memory.jvm-overhead.max: 64m
        io.tmp.dirs: %s
        execution.checkpointing.interval: 500ms
        execution.checkpointing.dir: %s
        restart-strategy.type: fixed-delay
        restart-strategy.fixed-delay.attempts: 1000
        restart-strategy.fixed-delay.delay: 500ms
        heartbeat.timeout: 20000
        heartbeat.interval: 2000
        """
            .formatted(
                freePort(),
                freePort(),
                Files.createDirectories(directory.resolve("tmp")),
                directory.resolve("checkpoints").toUri());
    Files.writeString(conf.resolve("config.yaml"), configuration);
    Files.writeString(
        conf.resolve("logback.xml"),
        """
        <configuration>
          <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%d %-5level %logger{30} %msg%n</pattern></encoder>
          </appender>
          <root level="INFO"><appender-ref ref="out"/></root>
        </configuration>
        """);
    master =
        start(
            "-Xmx384m",
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            List.of("--configDir", conf.toString(), "--executionMode", "cluster"));
    startWorker();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  void startWorker() throws IOException {
    worker =
        start(
            "-Xmx384m",
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            List.of("--configDir", directory.resolve("conf").toString()));
  }

  /** As if its machine had lost power. */
  void killWorker() throws InterruptedException {
    worker.destroyForcibly().waitFor();
  }

  /** As {@code bin/flink} does; true if it says that it succeeded. */
  boolean flink(String... arguments) throws IOException, InterruptedException {
    Process client =
        start("-Xmx256m", "org.apache.flink.client.cli.CliFrontend", Arrays.asList(arguments));
    if (!client.waitFor(120, TimeUnit.SECONDS)) {
      client.destroyForcibly().waitFor();
      return false;
    }
    return client.exitValue() == 0;
  }

  private Process start(String heap, String main, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(heap, "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=256m"));
    command.addAll(OPENS);
    command.add("-Dlogback.configurationFile=" + directory.resolve("conf/logback.xml"));
    command.addAll(List.of("-cp", libraries(), main));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("FLINK_CONF_DIR", directory.resolve("conf").toString());
    builder.environment().put("FLINK_PLUGINS_DIR", directory.resolve("plugins").toString());
    Path log = directory.resolve("log-" + logs++ + "-" + main.substring(main.lastIndexOf('.') + 1));
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private static String libraries() {
    StringBuilder path = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      String name = entry.substring(entry.lastIndexOf('/') + 1);
      if (LIBRARIES.stream().anyMatch(name::startsWith) && name.endsWith(".jar")) {
        path.append(path.length() == 0 ? "" : ":").append(entry);
      }
    }
    return path.toString();
  }

  @Override
  public void close() throws InterruptedException {
    worker.destroyForcibly().waitFor();
    master.destroyForcibly().waitFor();
  }
}
