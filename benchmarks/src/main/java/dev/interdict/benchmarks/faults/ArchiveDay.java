package dev.interdict.benchmarks.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.storage.Catalog;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A day of a fleet, in some minutes, into the archive, while each kind of process is killed again
 * and again: nodes, backplanes, the archive job, compaction. Afterwards {@code interdict storage
 * verify} must find each Position that a recorder has once, or in a gap.
 */
public final class ArchiveDay implements AutoCloseable {
  /** What is killed, by its name in the result. */
  private static final List<String> KILLED =
      List.of("nodes", "backplane", "archive", "compaction", "all");

  private static final int PORT = 17_480;
  private static final int NODES_PER_PROCESS = 25;
  private static final Duration DAY = Duration.ofDays(1);
  private static final String PATIENCE = "1800s";

  /**
   * @param killed how often, by what
   * @param hours directories of an hour that the archive has
   * @param verified what {@code storage verify --json} says
   */
  public record Result(
      Map<String, Integer> killed,
      int nodes,
      int hours,
      long events,
      long inGaps,
      long doubled,
      long missing,
      long behind,
      int epochs,
      int files,
      long bytes,
      JsonNode verified) {
    public boolean complete() {
      return verified.path("complete").asBoolean();
    }
  }

  private final Path directory;
  private final int nodes;
  private final Random random;
  private final PrintStream progress;
  private final Path data;
  private final List<String> addresses = List.of("127.0.0.1:" + PORT, "127.0.0.1:" + (PORT + 1));
  private final List<FaultProcess> fleet = new ArrayList<>();
  private final List<FaultProcess> backplanes = new ArrayList<>();
  private final FaultProcess archive;
  private final Map<String, Integer> killed = new TreeMap<>();
  private final long dayBegins =
      Instant.now().truncatedTo(ChronoUnit.DAYS).minus(DAY).toEpochMilli() * 1_000_000;
  private final long speed;
  private final long began = System.nanoTime();
  private final Duration length;

  /**
   * All that it writes is below the directory, which must be empty.
   *
   * @param length of real time; a whole day of events falls into it
   */
  public ArchiveDay(
      Path directory, int nodes, int perSecond, Duration length, long seed, PrintStream progress)
      throws IOException {
    this.directory = directory;
    this.nodes = nodes;
    this.length = length;
    this.random = new Random(seed);
    this.progress = progress;
    speed = DAY.toNanos() / length.toNanos();
    data = Files.createDirectory(directory.resolve("data"));
    Pki authority = Pki.create("day", DAY);
    for (int i = 0; i < nodes; i++) {
      authority
          .issue(Role.NODE, UUID.randomUUID().toString(), DAY)
          .save(FleetNodes.directory(directory, i).resolve("identity"));
    }
    for (int i = 0; i < addresses.size(); i++) {
      Path identity = directory.resolve("backplane-" + i);
      authority.issue(Role.BACKPLANE, "b" + i, DAY).save(identity);
      String address = addresses.get(i);
      backplanes.add(
          process("backplane-" + i, 256, run -> FaultProcess.backplane(address, identity)));
    }
    for (int first = 0; first < nodes; first += NODES_PER_PROCESS) {
      fleet.add(nodes(first, Math.min(NODES_PER_PROCESS, nodes - first), perSecond));
    }
    authority.issue(Role.CONSUMER, "archive", DAY).save(directory.resolve("consumer"));
    archive =
        process(
            "archive",
            1_024,
            run ->
                FaultProcess.dialling(
                    addresses,
                    FleetArchive.class,
                    data,
                    directory.resolve("flink"),
                    directory.resolve("consumer")));
  }

  private FaultProcess nodes(int first, int count, int perSecond) {
    return process(
        "nodes-" + first,
        512,
        run ->
            FaultProcess.dialling(
                addresses,
                FleetNodes.class,
                directory,
                first,
                count,
                perSecond,
                dayBegins + (System.nanoTime() - began) * speed,
                speed,
                run));
  }

  private FaultProcess process(
      String name, int heapMiB, java.util.function.LongFunction<List<String>> arguments) {
    return new FaultProcess(List.of(), directory.resolve(name + ".log"), heapMiB, arguments);
  }

  public Result run() throws IOException, InterruptedException {
    for (FaultProcess process : processes()) {
      process.start();
    }
    // A long day has more to kill, and more to start again.
    int most = (int) Math.max(4_000, length.toMillis() / 30);
    List<String> order = new ArrayList<>();
    while (System.nanoTime() - began < length.toNanos()) {
      pause(1_000 + random.nextInt(most));
      if (order.isEmpty()) {
        order.addAll(KILLED);
        Collections.shuffle(order, random);
      }
      String what = order.remove(0);
      progress.printf("%s: kill -9 of %s%n", Instant.ofEpochSecond(clock()), what);
      kill(what);
      killed.merge(what, 1, Integer::sum);
      pause(random.nextInt(2_000));
      for (FaultProcess process : processes()) {
        process.startIfGone();
      }
    }
    progress.println("the day is over");
    for (FaultProcess process : fleet) {
      process.tell("stop");
    }
    pause(2_000);
    JsonNode verified = verify();
    compact().join();
    JsonNode again = verify(); // what compaction did must not show
    return result(again.path("complete").asBoolean() ? verified : again);
  }

  private long clock() {
    return (dayBegins + (System.nanoTime() - began) * speed) / 1_000_000_000;
  }

  private void kill(String what) throws IOException, InterruptedException {
    switch (what) {
      case "nodes" -> fleet.get(random.nextInt(fleet.size())).kill();
      case "backplane" -> backplanes.get(random.nextInt(backplanes.size())).kill();
      case "archive" -> archive.kill();
      case "compaction" -> {
        try (FaultProcess compaction = compact()) {
          pause(500 + random.nextInt(4_000));
          compaction.kill();
        }
      }
      default -> {
        for (FaultProcess process : processes()) {
          process.kill();
        }
      }
    }
  }

  private FaultProcess compact() throws IOException {
    FaultProcess compaction =
        process(
            "compaction",
            256,
            run ->
                List.of(
                    "dev.interdict.cli.Interdict",
                    "storage",
                    "compact",
                    "--grace",
                    "0s",
                    "--data",
                    data.toString()));
    compaction.start();
    return compaction;
  }

  private JsonNode verify() throws IOException {
    progress.println("interdict storage verify, with the recorders of all nodes");
    Path answer = directory.resolve("verified.json");
    Files.deleteIfExists(answer);
    List<String> command =
        new ArrayList<>(
            List.of(
                "dev.interdict.cli.Interdict",
                "storage",
                "verify",
                "--json",
                "--wait",
                PATIENCE,
                "--data",
                data.toString()));
    for (int i = 0; i < nodes; i++) {
      command.add("--recorder");
      command.add(FleetNodes.directory(directory, i).resolve("recorder").toString());
    }
    try (FaultProcess verify = new FaultProcess(List.of(), answer, 512, run -> command)) {
      verify.start();
      verify.join();
    }
    String text = Files.readString(answer);
    int begin = text.indexOf('{');
    if (begin < 0) {
      throw new IOException("storage verify says: " + text);
    }
    return new ObjectMapper().readTree(text.substring(begin));
  }

  private Result result(JsonNode verified) throws IOException {
    long[] sums = new long[5];
    for (JsonNode epoch : verified.path("epochs")) {
      sums[0] += epoch.path("events").asLong();
      sums[1] += epoch.path("in_gaps").asLong();
      sums[2] += epoch.path("doubled").asLong();
      sums[3] += epoch.path("missing").asLong();
      sums[4] += epoch.path("behind").asLong();
    }
    List<Path> files = Catalog.files(new Catalog(data).events());
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    int hours = (int) files.stream().map(file -> file.getParent().getParent()).distinct().count();
    return new Result(
        killed,
        nodes,
        hours,
        sums[0],
        sums[1],
        sums[2],
        sums[3],
        sums[4],
        verified.path("epochs").size(),
        files.size(),
        bytes,
        verified);
  }

  private List<FaultProcess> processes() {
    List<FaultProcess> all = new ArrayList<>(backplanes);
    all.addAll(fleet);
    all.add(archive);
    return all;
  }

  private static void pause(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  @Override
  public void close() throws IOException {
    for (FaultProcess process : processes()) {
      process.close();
    }
  }
}
