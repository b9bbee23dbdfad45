package dev.interdict.benchmarks.backplane;

import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One of the systems with its brokers running. Each measurement has producer and consumer anew. */
public final class Contender implements AutoCloseable {
  private static final List<String> BROKER = List.of("-Xmx1g", "-XX:+UseSerialGC");
  private static final List<String> ENDS = List.of("-Xmx1g", "-XX:+UseSerialGC");
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /**
   * @param eventsPerSecond that arrived
   * @param cpuSeconds of all processes while they were counted
   * @param brokerCpuSeconds of the brokers alone
   * @param memoryMib of all processes, each at its peak
   */
  public record Measurement(
      double eventsPerSecond,
      double cpuSeconds,
      double brokerCpuSeconds,
      double memoryMib,
      double p50Millis,
      double p99Millis,
      double p999Millis,
      long events) {
    public double eventsPerCpuSecond() {
      return events / cpuSeconds;
    }
  }

  private final String name;
  private final Path directory;
  private final List<MeasuredProcess> brokers = new ArrayList<>();
  private final List<String> ports = new ArrayList<>();

  private Contender(String name, Path directory) {
    this.name = name;
    this.directory = directory;
  }

  public String name() {
    return name;
  }

  public static Contender interdict(Path directory, int instances) throws IOException {
    Contender made = new Contender("interdict", directory);
    Pki authority = Pki.create("bench", Duration.ofDays(1));
    authority.save(Files.createDirectories(directory.resolve("ca")));
    for (int i = 0; i < instances; i++) {
      Path identity = directory.resolve("b" + i);
      authority.issue(Role.BACKPLANE, "b" + i, Duration.ofDays(1)).save(identity);
      String port = Integer.toString(freePort());
      made.brokers.add(
          MeasuredProcess.java(
              directory.resolve("b" + i + ".log"),
              BROKER,
              List.of(
                  "dev.interdict.cli.Interdict",
                  "backplane",
                  "run",
                  "--listen",
                  "127.0.0.1:" + port,
                  "--identity",
                  identity.toString(),
                  "--metrics",
                  "-")));
      made.ports.add(port);
    }
    made.awaitPorts();
    return made;
  }

  public static Contender kafka(Path directory) throws IOException, InterruptedException {
    Contender made = new Contender("kafka", directory);
    int port = freePort();
    String file = KafkaPeer.configure(directory, port).toString();
    Path log = directory.resolve("format.log");
    try (MeasuredProcess format =
        MeasuredProcess.java(
            log,
            List.of("-Xmx256m"),
            List.of(
                "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", file))) {
      if (format.waitFor() != 0) {
        throw new IOException("Kafka's storage was not formatted: " + Files.readString(log));
      }
    }
    made.brokers.add(
        MeasuredProcess.java(
            directory.resolve("broker.log"), BROKER, List.of("kafka.Kafka", file)));
    made.ports.add(Integer.toString(port));
    made.awaitPorts();
    return made;
  }

  public static Contender nats(Path directory) throws IOException {
    Contender made = new Contender("nats", directory);
    String port = Integer.toString(freePort());
    made.brokers.add(
        MeasuredProcess.start(
            directory.resolve("broker.log"),
            List.of(
                "nats-server",
                "-a",
                "127.0.0.1",
                "-p",
                port,
                "-js",
                "-sd",
                directory.resolve("store").toString())));
    made.ports.add(port);
    made.awaitPorts();
    return made;
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private void awaitPorts() throws IOException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    for (String port : ports) {
      while (true) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
          break;
        } catch (IOException e) {
          if (System.nanoTime() > deadline) {
            close();
            throw new IOException(name + " does not listen after 60 s", e);
          }
          java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
        }
      }
    }
  }

  /**
   * While it is produced.
   *
   * @param rate events per second; 0: as fast as it goes
   */
  public Measurement measure(long warm, int count, long rate) throws IOException {
    return measure(1, warm, count, rate, 0, prepare(), false);
  }

  /**
   * Of many nodes.
   *
   * @param rate events per second of all
   * @param batch events that a node sends at a time
   */
  public Measurement measureNodes(int nodes, long warm, int count, long rate, int batch)
      throws IOException {
    return measure(nodes, warm, count, rate, batch, prepare(), false);
  }

  /** What has been recorded before; of our own only. */
  public History measureHistory(long warm, int count) throws IOException {
    Path place = prepare();
    Measurement measured = measure(1, warm, count, 0, 0, place, true);
    List<Path> segments;
    try (Stream<Path> paths = Files.walk(place.resolve("nodes"))) {
      segments = paths.filter(path -> path.toString().endsWith(".seg")).toList();
    }
    long bytes = 0;
    for (Path segment : segments) {
      bytes += Files.size(segment);
    }
    return new History(measured, bytes * count / (warm + count), segments);
  }

  /**
   * A measurement of history.
   *
   * @param bytes on the disk of the events that were counted
   */
  public record History(Measurement measured, long bytes, List<Path> segments) {}

  private Path prepare() throws IOException {
    Path place = Files.createDirectories(directory.resolve("run-" + UUID.randomUUID()));
    if (name.equals("interdict")) {
      Files.createSymbolicLink(place.resolve("ca"), directory.resolve("ca").toAbsolutePath());
    }
    return place;
  }

  private Measurement measure(
      int nodes, long warm, int count, long rate, int batch, Path place, boolean history)
      throws IOException {
    List<String> produce =
        new ArrayList<>(
            List.of(
                Producer.class.getName(),
                name,
                Integer.toString(nodes),
                Long.toString(warm + count),
                Long.toString(rate),
                Integer.toString(batch)));
    List<String> consume =
        new ArrayList<>(
            List.of(Consumer.class.getName(), name, Long.toString(warm), Integer.toString(count)));
    if (name.equals("interdict")) {
      produce.add(place.toString());
      produce.addAll(ports);
      consume.addAll(List.of(place.toString(), Integer.toString(nodes)));
      consume.addAll(ports);
    } else {
      List<String> both = List.of(ports.get(0), place.getFileName().toString());
      produce.addAll(both);
      consume.addAll(both);
    }
    // A thousand nodes in one process need a gigabyte of heap; with no more it collects all the
    // time.
    List<String> many =
        new ArrayList<>(List.of("-Xmx" + (1024 + 4 * nodes) + "m", "-XX:+UseSerialGC"));
    many.add("-XX:MaxDirectMemorySize=8g");
    many.add("-Xss256k");
    try (MeasuredProcess producer =
        MeasuredProcess.java(directory.resolve("producer.log"), many, produce)) {
      producer.await("ready");
      if (history) {
        producer.go();
        producer.await("sent");
      }
      try (MeasuredProcess consumer =
          MeasuredProcess.java(directory.resolve("consumer.log"), ENDS, consume)) {
        consumer.await("ready");
        if (!history) {
          producer.go();
        }
        return measured(producer, consumer, count);
      }
    }
  }

  private Measurement measured(MeasuredProcess producer, MeasuredProcess consumer, int count)
      throws IOException {
    consumer.await("warm");
    double cpuBefore = producer.cpuSeconds() + consumer.cpuSeconds();
    double brokerBefore = brokerCpu();
    String[] done = consumer.await("done").split(" ");
    double brokerCpu = brokerCpu() - brokerBefore;
    double memory = producer.peakRssMib() + consumer.peakRssMib();
    for (MeasuredProcess broker : brokers) {
      memory += broker.peakRssMib();
    }
    return new Measurement(
        count * 1e9 / Long.parseLong(done[1]),
        producer.cpuSeconds() + consumer.cpuSeconds() - cpuBefore + brokerCpu,
        brokerCpu,
        memory,
        Long.parseLong(done[2]) / 1e6,
        Long.parseLong(done[3]) / 1e6,
        Long.parseLong(done[4]) / 1e6,
        count);
  }

  private double brokerCpu() throws IOException {
    double seconds = 0;
    for (MeasuredProcess broker : brokers) {
      seconds += broker.cpuSeconds();
    }
    return seconds;
  }

  /** Of an event as it is sent. */
  public static int eventBytes() {
    return Producer.meanLength();
  }

  @Override
  public void close() {
    brokers.forEach(MeasuredProcess::close);
  }
}
