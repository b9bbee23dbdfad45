package dev.interdict.jobs;

import dev.interdict.jobs.source.NodeEvent;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;

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

  /** A stage that events pass and that fails as armed. */
  public UnaryOperator<DataStream<NodeEvent>> stage() {
    String name = key;
    return events -> events.map(new Failing<>(name)).returns(events.getType()).uid("failing");
  }

  private record Failing<T>(String key) implements MapFunction<T, T> {
    @Override
    public T map(T value) {
      pass(key);
      return value;
    }
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
