package dev.interdict.bus.local;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a process has started so far. Closed in the reverse order, all of it, whatever one of them
 * throws. One thread.
 */
public final class Parts implements Closeable {
  private final Deque<Closeable> started = new ArrayDeque<>();

  public void push(Closeable part) {
    started.push(part);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (IOException e) {
        failure = with(failure, e);
      } catch (RuntimeException e) {
        failure = with(failure, new IOException(e));
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException with(IOException first, IOException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}
