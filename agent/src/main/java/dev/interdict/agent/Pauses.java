package dev.interdict.agent;

import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Finds from the clocks alone that this process did not run for a while, that the host was
 * suspended, or that somebody set the clock.
 */
final class Pauses {
  /** Longer than a busy host lets a thread wait. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(3);

  private static final long STEP = TimeUnit.SECONDS.toNanos(1);
  private static final double SECOND = 1e9;

  private final long period;
  private boolean begun;
  private long monotonic;
  private long boot;
  private long real;

  /**
   * @param period between observations, in nanoseconds, as all here
   */
  Pauses(long period) {
    this.period = period;
  }

  /**
   * @param monotonicNow stands while the host is suspended
   * @param bootNow does not
   * @param realNow may be set
   */
  void observe(long monotonicNow, long bootNow, long realNow, Guard.Report report) {
    if (begun) {
      long ran = monotonicNow - monotonic;
      long passed = bootNow - boot;
      if (ran > period + PATIENCE) {
        report.tell("agent", "stopped", span("did not run", realNow - passed, realNow, ran));
      }
      if (passed - ran > STEP) {
        report.tell(
            "agent", "suspended", span("with the host", realNow - passed, realNow, passed - ran));
      }
      long stepped = realNow - real - passed;
      if (Math.abs(stepped) > STEP) {
        report.tell(
            "clock",
            "stepped",
            String.format(
                Locale.ROOT,
                "by %+.3f s, from %s to %s",
                stepped / SECOND,
                instant(realNow - stepped),
                instant(realNow)));
      }
    }
    begun = true;
    monotonic = monotonicNow;
    boot = bootNow;
    real = realNow;
  }

  private static String span(String what, long from, long until, long length) {
    return String.format(
        Locale.ROOT,
        "%s for %.3f s between %s and %s",
        what,
        length / SECOND,
        instant(from),
        instant(until));
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
