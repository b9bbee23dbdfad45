package dev.interdict.benchmarks.backplane;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends exec events at a rate, as a process. Their time is System.nanoTime, which all processes of
 * a host share, and stands at offset 1 of the bytes.
 */
final class Producer {
  static final int TIME_OFFSET = 1;
  private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Of 4 MB in all, so that no compressor meets an event again in its window. */
  private static final int VARIANTS = 16_384;

  private Producer() {}

  /**
   * System, nodes, events in all, events per second (0: as fast as it goes), events of a node that
   * go together (0: those of 5 ms), its own arguments.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int nodes = Integer.parseInt(arguments[1]);
    long count = Long.parseLong(arguments[2]);
    long rate = Long.parseLong(arguments[3]);
    int batch = Integer.parseInt(arguments[4]);
    String[] own = Arrays.copyOfRange(arguments, 5, arguments.length);
    try (Sink sink = open(arguments[0], nodes, own)) {
      System.out.println("ready");
      System.in.read(); // until the consumer is there
      send(sink, nodes, count, rate, batch);
    }
    System.out.println("sent");
    System.in.read(); // what is recorded is served until it has arrived
  }

  private static Sink open(String system, int nodes, String[] own)
      throws IOException, InterruptedException {
    return switch (system) {
      case "interdict" -> new InterdictSink(nodes, own);
      case "kafka" -> new KafkaPeer.Output(own);
      case "nats" -> new NatsPeer.Output(own);
      default -> throw new IllegalArgumentException("no system " + system);
    };
  }

  private static void send(Sink sink, int nodes, long count, long rate, int batch)
      throws IOException {
    byte[][] events = events();
    int[] left = new int[nodes];
    Arrays.setAll(left, node -> 1 + node % Math.max(1, batch)); // not all at the same time
    long start = System.nanoTime();
    long flushed = start;
    for (long i = 0; i < count; ) {
      long now = System.nanoTime();
      long due =
          rate == 0
              ? Math.min(count, i + 500)
              : Math.min(count, rate * (now - start) / 1_000_000_000L);
      for (; i < due; i++) {
        byte[] event = events[(int) (i % VARIANTS)];
        ByteBuffer.wrap(event)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(TIME_OFFSET, System.nanoTime());
        int node = (int) (i % nodes);
        sink.send(node, event);
        if (batch > 0 && --left[node] == 0) {
          left[node] = batch;
          sink.flush(node);
        }
      }
      if (batch == 0 && now - flushed >= FLUSH_NANOS) {
        flushed = now;
        sink.flush();
      } else if (rate > 0) {
        LockSupport.parkNanos(500_000);
      }
    }
    sink.flush();
  }

  /** As they come from a host: much the same in all, and something of its own in each. */
  private static byte[][] events() {
    Random random = new Random(1);
    byte[][] events = new byte[VARIANTS][];
    for (int i = 0; i < VARIANTS; i++) {
      byte[] id = new byte[24];
      random.nextBytes(id);
      events[i] =
          Event.newBuilder()
              .setTime(1)
              .setKind(Kind.EXEC)
              .setProcess(
                  Process.newBuilder()
                      .setId(random.nextLong())
                      .setPid(1000 + random.nextInt(60_000))
                      .setExe("/usr/bin/" + Integer.toString(random.nextInt(100_000), 36))
                      .addArgs("-c")
                      .addArgs(
                          "id; cat /srv/" + new String(id, StandardCharsets.ISO_8859_1).hashCode())
                      .setCwd("/srv/app")
                      .setUid(33)
                      .setCgroupId(48_211)
                      .setContainer(
                          Container.newBuilder()
                              .setId(Long.toHexString(random.nextLong()).repeat(4))
                              .setName("web-" + random.nextInt(40))
                              .setImage("registry.example/web:1.4"))
                      .addAncestors(
                          Ancestor.newBuilder()
                              .setId(random.nextLong())
                              .setPid(4711)
                              .setExe("/usr/sbin/nginx")
                              .setCommandLine("nginx: worker process")))
              .setExec(Exec.newBuilder())
              .build()
              .toByteArray();
    }
    return events;
  }

  static int meanLength() {
    return (int) Arrays.stream(events()).mapToInt(event -> event.length).average().orElseThrow();
  }
}
