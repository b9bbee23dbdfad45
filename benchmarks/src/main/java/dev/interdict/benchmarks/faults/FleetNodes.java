package dev.interdict.benchmarks.faults;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Identity;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.record.RecorderConfig.Retention;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.NodeInfo;
import dev.interdict.storage.SampleEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Some of a fleet's nodes in a process of their own, each with its recorder and its identity. Their
 * clock runs fast: a day of events in some minutes. A line on standard input ends the writing; what
 * is recorded is served as long as the process lives.
 */
final class FleetNodes {
  private static final int ROUNDS_PER_SECOND = 10;
  private static final int LANES = 3;
  private static final Retention QUOTA = new Retention(64 << 20, Duration.ofDays(3_650));

  private FleetNodes() {}

  /** A node's directory, of which there is one for each number. */
  static Path directory(Path fleet, int number) {
    return fleet.resolve("node-" + number);
  }

  /**
   * Directory of the fleet, number of the first node, how many, events per second of each, time of
   * day now and how much faster it runs, seed, addresses.
   */
  public static void main(String[] arguments) throws IOException {
    Path fleet = Path.of(arguments[0]);
    int first = Integer.parseInt(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    int perSecond = Integer.parseInt(arguments[3]);
    long now = Long.parseLong(arguments[4]);
    long speed = Long.parseLong(arguments[5]);
    long seed = Long.parseLong(arguments[6]);
    List<InetSocketAddress> addresses = FaultNode.addresses(arguments, 7);
    List<Recorder> recorders = new ArrayList<>();
    List<SampleEvents> sources = new ArrayList<>();
    List<NodeLink> links = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      Identity identity = Identity.load(directory(fleet, i).resolve("identity"));
      Recorder recorder =
          Recorder.open(
              RecorderConfig.of(directory(fleet, i).resolve("recorder"))
                  .withNode(NodeId.parse(identity.id()))
                  .withSegmentBytes(1 << 20)
                  .withRetention(0, QUOTA)
                  .withRetention(1, QUOTA)
                  .withRetention(2, QUOTA));
      recorders.add(recorder);
      links.add(
          new NodeLink(
              new BusConfig(addresses, identity),
              recorder,
              NodeInfo.newBuilder().setName("node-" + i).setVersion("1").build(),
              command -> CommandResult.getDefaultInstance()));
      sources.add(new SampleEvents(seed * 1_000 + i, 0.7, now, speed * 1_000_000_000L / perSecond));
    }
    AtomicBoolean stop = new AtomicBoolean();
    Thread orders = new Thread(() -> awaitLine(stop), "orders");
    orders.setDaemon(true);
    orders.start();
    System.out.println("writing " + links.size());
    write(recorders, sources, Math.max(1, perSecond / ROUNDS_PER_SECOND), stop);
    System.out.println("serving");
    LockSupport.park();
  }

  private static void awaitLine(AtomicBoolean stop) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      if (in.readLine() == null) {
        System.exit(0); // whoever started this is gone
      }
    } catch (IOException e) {
      System.err.println("standard input failed: " + e);
    }
    stop.set(true);
  }

  private static void write(
      List<Recorder> recorders, List<SampleEvents> sources, int perRound, AtomicBoolean stop)
      throws IOException {
    long due = System.nanoTime();
    while (!stop.get()) {
      for (int node = 0; node < recorders.size(); node++) {
        Recorder recorder = recorders.get(node);
        for (int i = 0; i < perRound; i++) {
          byte[] event = sources.get(node).next().toByteArray();
          recorder.append(i % LANES, event, 0, event.length);
        }
        recorder.flush();
      }
      due += 1_000_000_000L / ROUNDS_PER_SECOND;
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }
}
