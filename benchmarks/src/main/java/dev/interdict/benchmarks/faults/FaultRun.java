package dev.interdict.benchmarks.faults;

import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A node that writes, two backplanes and a checkpointing consumer as processes, and faults by the
 * numbers of a seed, one or two at a time. Afterwards the consumer must have each event that the
 * recorder has acknowledged exactly once, or a gap that it stands in.
 */
public final class FaultRun implements AutoCloseable {
  private static final List<String> PLACES = List.of("node", "b1", "b2", "consumer");
  private static final int PORT = 17_400;
  private static final long DISK_BYTES = 128L << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String EVENTS_PER_SECOND = "2000";

  /** Credit is 1 MiB, and the node writes some 300 KiB a second. */
  private static final long LONGER_THAN_BUFFERS_MILLIS = 4_000;

  /**
   * @param injected how often, by fault
   * @param resumedMillis the longest that the consumer's file did not grow after the fault was over
   */
  public record Result(
      Map<Fault, Integer> injected,
      Map<Fault, Long> resumedMillis,
      long acknowledged,
      long delivered,
      long inGaps,
      long missing,
      long repeated,
      Map<String, Long> gaps,
      List<Fault> impossible,
      String summary) {}

  private final Path directory;
  private final Random random;
  private final PrintStream progress;
  private final FaultNetwork network;
  private final boolean ownDisk;
  private final List<FaultProcess> processes = new ArrayList<>();
  private final FaultProcess node;
  private final List<FaultProcess> backplanes;
  private final FaultProcess consumer;
  private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);
  private final Map<Fault, Long> resumed = new EnumMap<>(Fault.class);

  /** All that it writes is below the directory, which must be empty. */
  public FaultRun(Path directory, long seed, PrintStream progress) throws IOException {
    this.directory = directory;
    this.random = new Random(seed);
    this.progress = progress;
    network = FaultNetwork.create(PLACES);
    Path disk = Files.createDirectory(directory.resolve("disk"));
    ownDisk =
        FaultNetwork.succeeds(
            "mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", disk.toString());
    Pki authority = Pki.create("faults", Duration.ofDays(1));
    String id = UUID.randomUUID().toString();
    save(authority, Role.NODE, id, "node");
    save(authority, Role.CONSUMER, "faults", "consumer");
    List<String> addresses = List.of(address("b1", 0), address("b2", 1));
    node =
        process(
            "node",
            run ->
                FaultProcess.dialling(
                    addresses,
                    FaultNode.class,
                    disk.resolve("recorder"),
                    directory.resolve("node"),
                    ledger(),
                    run,
                    EVENTS_PER_SECOND));
    backplanes = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      String name = "b" + (i + 1);
      String listen = addresses.get(i);
      save(authority, Role.BACKPLANE, name, name);
      backplanes.add(process(name, run -> FaultProcess.backplane(listen, directory.resolve(name))));
    }
    consumer =
        process(
            "consumer",
            run ->
                FaultProcess.dialling(
                    addresses,
                    FaultConsumer.class,
                    directory.resolve("consumer"),
                    id,
                    events(),
                    directory.resolve("mark")));
  }

  private void save(Pki authority, Role role, String id, String name) throws IOException {
    authority.issue(role, id, Duration.ofDays(1)).save(directory.resolve(name));
  }

  private String address(String place, int index) {
    return network.address(place) + ":" + (PORT + (network.isIsolated() ? 0 : index));
  }

  private FaultProcess process(
      String place, java.util.function.LongFunction<List<String>> arguments) {
    FaultProcess made =
        new FaultProcess(network.at(place), directory.resolve(place + ".log"), arguments);
    processes.add(made);
    return made;
  }

  private Path ledger() {
    return directory.resolve("acknowledged");
  }

  private Path events() {
    return directory.resolve("events");
  }

  /** What this machine does not allow. */
  public List<Fault> impossible() {
    List<Fault> impossible = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if ((fault.isOfNetwork() && !network.isIsolated())
          || (fault == Fault.PACKET_LOSS && !network.canLose())
          || (fault == Fault.DISK_FULL && !ownDisk)) {
        impossible.add(fault);
      }
    }
    return impossible;
  }

  /** Each fault that is possible, in an order of the seed, and again until the time is over. */
  public Result run(Duration length) throws IOException, InterruptedException {
    for (FaultProcess process : processes) {
      process.start();
    }
    awaitGrowth(0, PATIENCE.toNanos());
    long end = System.nanoTime() + length.toNanos();
    List<Fault> possible = new ArrayList<>(List.of(Fault.values()));
    possible.removeAll(impossible());
    List<Fault> order = new ArrayList<>();
    while (System.nanoTime() < end || !injected.keySet().containsAll(possible)) {
      if (order.isEmpty()) {
        order.addAll(possible);
        Collections.shuffle(order, random);
      }
      cause(order.remove(0));
    }
    return finish();
  }

  private void cause(Fault fault) throws IOException, InterruptedException {
    long millis = 300 + random.nextInt(2_500);
    if (fault.isOfNetwork()) {
      millis += LONGER_THAN_BUFFERS_MILLIS;
    }
    progress.printf("%s for %d ms%n", fault, millis);
    Runnable heal = begin(fault);
    injected.merge(fault, 1, Integer::sum);
    if (random.nextInt(3) == 0) {
      pause(random.nextInt((int) millis));
      Fault second = random.nextBoolean() ? Fault.KILL_CONSUMER : Fault.KILL_NODE;
      progress.printf("and within it %s%n", second);
      begin(second).run();
      injected.merge(second, 1, Integer::sum);
    }
    pause(millis);
    heal.run();
    for (FaultProcess process : processes) {
      process.startIfGone();
    }
    long size = size();
    long waited = awaitGrowth(size, PATIENCE.toNanos());
    resumed.merge(fault, waited, Math::max);
    pause(random.nextInt(700));
  }

  private Runnable begin(Fault fault) throws IOException {
    return switch (fault) {
      case KILL_NODE -> killed(node);
      case KILL_BACKPLANE -> killed(backplanes.get(random.nextInt(backplanes.size())));
      case KILL_CONSUMER -> killed(consumer);
      case KILL_ALL -> {
        for (FaultProcess process : processes) {
          process.kill();
        }
        yield () -> {};
      }
      case PARTITION_NODE -> cut("node");
      case PARTITION_CONSUMER -> cut("consumer");
      case PARTITION_BACKPLANE -> cut(random.nextBoolean() ? "b1" : "b2");
      case PACKET_LOSS -> {
        network.lose("node", 10);
        network.lose("consumer", 10);
        yield () -> {
          heal("node");
          heal("consumer");
        };
      }
      case SLOW_LINK -> {
        network.throttle("node", "1mbit");
        yield () -> heal("node");
      }
      case DISK_FULL -> fillDisk();
      case CLOCK_STEP -> {
        long day = Duration.ofDays(1).toNanos();
        node.tell("step " + (random.nextBoolean() ? day : -day));
        yield () -> node.tell("step 0");
      }
    };
  }

  private static Runnable killed(FaultProcess process) throws IOException {
    process.kill();
    return () -> {};
  }

  private Runnable cut(String place) throws IOException {
    network.cut(place);
    return () -> heal(place);
  }

  private void heal(String place) {
    try {
      network.heal(place);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Runnable fillDisk() throws IOException {
    Path ballast = directory.resolve("disk/ballast");
    byte[] block = new byte[4_096];
    try (var out = Files.newOutputStream(ballast)) {
      for (long written = 0; written <= DISK_BYTES; written += block.length) {
        out.write(block);
      }
    } catch (IOException e) {
      progress.println("full: " + e.getMessage());
    }
    return () -> {
      try {
        Files.deleteIfExists(ballast);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    };
  }

  private Result finish() throws IOException, InterruptedException {
    for (FaultProcess process : processes) {
      process.startIfGone();
    }
    pause(2_000);
    node.tell("stop");
    for (long waited = 0; node.isAlive() && waited < 20_000; waited += 50) {
      pause(50);
    }
    node.startIfGone(); // serves what it has; a little more is written
    FaultLedger ledger = FaultLedger.compare(ledger(), events());
    long end = System.nanoTime() + PATIENCE.toNanos();
    // The last start writes on: what was acknowledged up to here is what has to come.
    Path until = directory.resolve("acknowledged.until");
    Files.copy(ledger(), until);
    while (!ledger.isComplete() && System.nanoTime() < end) {
      pause(500);
      for (FaultProcess process : processes) {
        process.startIfGone();
      }
      ledger = FaultLedger.compare(until, events());
    }
    return new Result(
        injected,
        resumed,
        ledger.acknowledged(),
        ledger.delivered(),
        ledger.inGaps(),
        ledger.missing(),
        ledger.repeated(),
        ledger.gaps(),
        impossible(),
        ledger.toString());
  }

  private long size() throws IOException {
    return Files.exists(events()) ? Files.size(events()) : 0;
  }

  /** Milliseconds until the consumer has more than this. */
  private long awaitGrowth(long size, long patience) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (size() <= size) {
      if (System.nanoTime() - start > patience) {
        StringBuilder said = new StringBuilder("the consumer gets nothing any more");
        for (int i = 0; i < processes.size(); i++) {
          said.append("\n--- ").append(PLACES.get(i)).append('\n');
          said.append(processes.get(i).lastWords());
        }
        throw new IOException(said.toString());
      }
      for (FaultProcess process : processes) {
        process.startIfGone();
      }
      pause(10);
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  private static void pause(long millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  @Override
  public void close() throws IOException {
    try {
      for (FaultProcess process : processes) {
        process.close();
      }
    } finally {
      network.close();
      if (ownDisk) {
        FaultNetwork.run("umount", directory.resolve("disk").toString());
      }
    }
  }
}
