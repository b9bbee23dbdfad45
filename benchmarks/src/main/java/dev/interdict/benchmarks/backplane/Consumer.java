package dev.interdict.benchmarks.backplane;

import java.io.IOException;
import java.util.Arrays;

/** Takes events and measures how long they were on their way, as a process. */
final class Consumer {
  private Consumer() {}

  /** System, events before it counts, events that it counts, its own arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    long warm = Long.parseLong(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    String[] own = Arrays.copyOfRange(arguments, 3, arguments.length);
    long[] latencies = new long[count];
    long[] seen = new long[2]; // all, and when the counting began
    Source.Receiver receiver =
        sent -> {
          long now = System.nanoTime();
          long number = seen[0]++;
          if (number < warm) {
            if (number == warm - 1) {
              System.out.println("warm");
              seen[1] = System.nanoTime();
            }
            return true;
          }
          latencies[(int) (number - warm)] = now - sent;
          return number - warm + 1 < count;
        };
    Source source =
        switch (arguments[0]) {
          case "interdict" -> new InterdictSource(own);
          case "kafka" -> new KafkaPeer.Input(own);
          case "nats" -> new NatsPeer.Input(own);
          default -> throw new IllegalArgumentException("no system " + arguments[0]);
        };
    source.read(receiver);
    long nanos = System.nanoTime() - seen[1];
    Arrays.sort(latencies);
    System.out.println(
        "done "
            + nanos
            + " "
            + latencies[count / 2]
            + " "
            + latencies[(int) (count * 0.99)]
            + " "
            + latencies[(int) (count * 0.999)]);
    System.in.read();
    System.exit(0);
  }
}
