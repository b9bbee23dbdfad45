package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Events that other threads have made, until the sensor's thread takes them: it alone writes to the
 * sink. Bounded; what finds no room is refused and, if its maker gives it up, counted.
 */
public final class Inbox {
  /** More are never taken at once. */
  public static final int EVENTS = 4096;

  private static final int BYTES = 4 << 20;

  /**
   * @param rest the encoded event after its kind
   */
  record Entry(int kind, byte[] rest) {}

  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private final long[] lost = new long[Kinds.LIMIT];
  private final long[] leftOut = new long[Kinds.LIMIT];
  private int bytes;

  /**
   * All of them or none, from any thread.
   *
   * @param rests encoded events without their first two fields, time and kind
   */
  public synchronized boolean offer(int kind, byte[]... rests) {
    int more = Arrays.stream(rests).mapToInt(rest -> rest.length).sum();
    if (waiting.size() + rests.length > EVENTS || bytes + more > BYTES) {
      return false;
    }
    for (byte[] rest : rests) {
      waiting.add(new Entry(kind, rest));
    }
    bytes += more;
    return true;
  }

  /** The same for what cannot come again: it becomes a gap if there is no room. */
  void put(int kind, byte[] rest) {
    if (!offer(kind, rest)) {
      gaveUp(kind, 1);
    }
  }

  /**
   * The state of a part of this agent, as an event; from any thread.
   *
   * @param detail cut at 4,096 bytes
   */
  public void tell(String component, String state, String detail) {
    ProtoBuffer out = new ProtoBuffer(512, 16 << 10);
    int message = out.begin(EventDetail.numberOf(Kind.SENSOR_VALUE));
    out.ascii(1, component);
    out.ascii(2, state);
    byte[] text = detail.getBytes(StandardCharsets.UTF_8);
    out.text(3, text, 0, Math.min(text.length, 4096));
    out.end(message);
    put(Kind.SENSOR_VALUE, Arrays.copyOf(out.array(), out.length()));
  }

  public synchronized void gaveUp(int kind, long count) {
    lost[kind] += count;
  }

  /** Seen, and of no interest. */
  public synchronized void leftOut(int kind, long count) {
    leftOut[kind] += count;
  }

  synchronized long leftOut(int kind) {
    return leftOut[kind];
  }

  /** Null where there is none. */
  synchronized Entry poll() {
    Entry entry = waiting.poll();
    if (entry != null) {
      bytes -= entry.rest.length;
    }
    return entry;
  }

  synchronized long lost(int kind) {
    return lost[kind];
  }
}
