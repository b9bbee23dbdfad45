package dev.interdict.benchmarks.engine;

import com.sun.management.ThreadMXBean;
import dev.interdict.cep.Hits;
import dev.interdict.cep.Matcher;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.sequence.RecordedDetection;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.EventView;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One rule set over one input, on this thread. */
public final class EngineRun {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private EngineRun() {}

  /**
   * What judging costs.
   *
   * @param bytesPerEvent allocated, the event's own copy included
   * @param hitShare part of the events that hit any rule
   */
  public record Result(
      double eventsPerSecond, double bytesPerEvent, double hitShare, long alerts, long openKeys) {}

  /** Runs until {@code nanos} of wall-clock time have passed, twice: the first time to warm up. */
  public static Result measure(EngineInput input, RuleSet rules, long nanos) throws IOException {
    long[] alerts = {0};
    try (RecordedDetection detection = new RecordedDetection(rules, false, alert -> alerts[0]++)) {
      long number = run(input, detection, 0, nanos);
      alerts[0] = 0;
      long cpu = THREADS.getCurrentThreadCpuTime();
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      long end = run(input, detection, number, nanos);
      long events = end - number;
      return new Result(
          events * 1e9 / (THREADS.getCurrentThreadCpuTime() - cpu),
          (double) (THREADS.getCurrentThreadAllocatedBytes() - allocated) / events,
          hitShare(input, rules),
          alerts[0],
          detection.openKeys());
    }
  }

  private static long run(EngineInput input, RecordedDetection detection, long from, long nanos)
      throws IOException {
    long number = from;
    long until = System.nanoTime() + nanos;
    // A whole round at least, so that every case has judged all of the input.
    while (number < from + input.size() || System.nanoTime() < until) {
      for (int i = 0; i < 1000; i++) {
        detection.process(input.event(number++));
      }
    }
    return number;
  }

  private static double hitShare(EngineInput input, RuleSet rules) {
    Matcher matcher = rules.newMatcher();
    EventView view = new EventView();
    Hits hits = new Hits();
    long hit = 0;
    for (int i = 0; i < input.size(); i++) {
      NodeEvent event = input.event(i);
      matcher.match(view.wrap(event.body(), 0, event.body().length), hits);
      hit += hits.isEmpty() ? 0 : 1;
    }
    return (double) hit / input.size();
  }

  /**
   * Milliseconds from the time at which an event is due to its alert, at so many events a second.
   */
  public static double[] latencies(EngineInput input, RuleSet rules, int perSecond, long nanos)
      throws IOException {
    double[] millis = new double[1 << 16];
    int[] count = {0};
    long[] due = {0};
    long step = TimeUnit.SECONDS.toNanos(1) / perSecond;
    try (RecordedDetection detection =
        new RecordedDetection(
            rules,
            false,
            alert -> {
              if (count[0] < millis.length) {
                millis[count[0]++] = (System.nanoTime() - due[0]) / 1e6;
              }
            })) {
      long number = run(input, detection, 0, nanos / 4);
      count[0] = 0;
      long start = System.nanoTime();
      for (long i = 0; i * step < nanos; i++) {
        due[0] = start + i * step;
        while (System.nanoTime() < due[0]) {
          LockSupport.parkNanos(due[0] - System.nanoTime());
        }
        detection.process(input.event(number++));
      }
    }
    return Arrays.copyOf(millis, count[0]);
  }

  /** Heap bytes for each partial match, of so many that are alive, each for a key of its own. */
  public static double bytesPerPartialMatch(EngineInput input, RuleSet rules, int matches)
      throws IOException {
    try (RecordedDetection detection = new RecordedDetection(rules, false, alert -> {})) {
      // The first half is not counted: what was left by others may be collected meanwhile.
      for (int i = 0; i < matches; i++) {
        detection.process(input.firstStep(i));
      }
      long before = usedAfterCollection();
      for (int i = matches; i < 2 * matches; i++) {
        detection.process(input.firstStep(i));
      }
      return (double) (usedAfterCollection() - before) / matches;
    }
  }

  private static long usedAfterCollection() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
