package dev.interdict.benchmarks.faults;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Identity;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.record.RecorderConfig.Retention;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A node with made-up events, as a process. What its recorder has taken it writes to a ledger
 * outside of the recorder's disk, a line for each batch: epoch, first sequence, number of events,
 * first event's number. Standard input: {@code step NANOS} sets its clock, {@code stop} ends it.
 */
final class FaultNode {
  private static final Kind[] KINDS = {Kind.EXEC, Kind.CONNECT, Kind.OPEN};
  private static final int BATCHES_PER_SECOND = 100;
  private static final int PADDING = 180;
  private static final Retention QUOTA = new Retention(24 << 20, Duration.ofDays(1));

  private FaultNode() {}

  /** Recorder's directory, identity, ledger, number of this run, events per second, addresses. */
  public static void main(String[] arguments) throws IOException {
    Identity identity = Identity.load(Path.of(arguments[1]));
    long run = Long.parseLong(arguments[3]);
    int perBatch = Math.max(1, Integer.parseInt(arguments[4]) / BATCHES_PER_SECOND);
    RecorderConfig config =
        RecorderConfig.of(Path.of(arguments[0]))
            .withNode(NodeId.parse(identity.id()))
            .withSegmentBytes(1 << 20)
            .withRetention(0, QUOTA)
            .withRetention(1, QUOTA)
            .withRetention(2, QUOTA);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong step = new AtomicLong();
    try (Recorder recorder = Recorder.open(config);
        FileChannel ledger =
            FileChannel.open(
                Path.of(arguments[2]), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        NodeLink link =
            new NodeLink(
                new BusConfig(addresses(arguments, 5), identity),
                recorder,
                NodeInfo.newBuilder().setName("faults").setVersion("1").build(),
                command -> CommandResult.getDefaultInstance())) {
      Thread orders = new Thread(() -> obey(stop, step), "orders");
      orders.setDaemon(true);
      orders.start();
      System.out.println("ready " + link.connections());
      write(recorder, ledger, run, perBatch, stop, step);
    }
  }

  static List<InetSocketAddress> addresses(String[] arguments, int from) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (int i = from; i < arguments.length; i++) {
      int colon = arguments[i].lastIndexOf(':');
      addresses.add(
          new InetSocketAddress(
              arguments[i].substring(0, colon),
              Integer.parseInt(arguments[i].substring(colon + 1))));
    }
    return addresses;
  }

  private static void obey(AtomicBoolean stop, AtomicLong step) {
    try (BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = orders.readLine(); line != null; line = orders.readLine()) {
        if (line.startsWith("step ")) {
          step.set(Long.parseLong(line.substring(5)));
        } else {
          break;
        }
      }
    } catch (IOException e) {
      System.err.println("standard input failed: " + e);
    }
    stop.set(true);
  }

  private static void write(
      Recorder recorder,
      FileChannel ledger,
      long run,
      int perBatch,
      AtomicBoolean stop,
      AtomicLong step)
      throws IOException {
    Random random = new Random(run);
    StringBuilder filler = new StringBuilder(PADDING);
    long number = FaultLedger.firstOf(run);
    long due = System.nanoTime();
    while (!stop.get()) {
      int count = 1 + random.nextInt(2 * perBatch);
      long lost = recorder.lost();
      long first = 0;
      for (int i = 0; i < count; i++) {
        filler.setLength(0);
        filler.append(number + i).append('x');
        while (filler.length() < PADDING) {
          filler.append((char) (' ' + random.nextInt(94))); // so that it does not compress away
        }
        long now = System.currentTimeMillis() * 1_000_000 + step.get();
        byte[] event =
            Event.newBuilder()
                .setTime(now)
                .setKind(KINDS[random.nextInt(KINDS.length)])
                .setOpen(FileOperation.newBuilder().setPath(filler.toString()))
                .build()
                .toByteArray();
        long sequence = recorder.append(random.nextInt(KINDS.length), event, 0, event.length);
        first = i == 0 ? sequence : first;
      }
      recorder.flush();
      if (recorder.lost() == lost) {
        String line = recorder.epoch() + " " + first + " " + count + " " + number + "\n";
        ledger.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
      }
      number += count;
      due += 1_000_000_000L / BATCHES_PER_SECOND;
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }
}
