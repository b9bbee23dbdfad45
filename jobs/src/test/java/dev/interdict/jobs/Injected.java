package dev.interdict.jobs;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A failure that a test arms and a task meets once. */
public final class Injected implements AutoCloseable {
  private final String key = Local.put(this);
  private final AtomicLong countdown = new AtomicLong(-1);
  private final AtomicInteger failures = new AtomicInteger();

  /** A task finds it by this key. */
  public String key() {
    return key;
  }

  /** The task fails at the n-th element from now. */
  public void armAfter(long elements) {
    countdown.set(elements);
  }

  public static void pass(String key) {
    Injected injected = Local.get(key, Injected.class);
    if (injected.countdown.get() >= 0 && injected.countdown.decrementAndGet() == 0) {
      injected.failures.incrementAndGet();
      throw new IllegalStateException("injected failure");
    }
  }

  public int failures() {
    return failures.get();
  }

  @Override
  public void close() {
    Local.remove(key);
  }
}
