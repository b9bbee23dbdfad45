package dev.interdict.jobs.recorded;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;

/** Gives the events of a record their addresses, and counts. */
final class Emitter {
  private static final long MILLISECOND = 1_000_000;
  private static final int MAX_HOSTS = 100_000;

  private final Queue<NodeEvent> ready = new ArrayDeque<>();
  private final Map<String, NodeId> nodes = new HashMap<>();
  private long line;
  private Long seq;
  private long lastTime;
  private long records;
  private long ignored;
  private long gaps;

  NodeEvent poll() {
    return ready.poll();
  }

  long records() {
    return records;
  }

  long ignored() {
    return ignored;
  }

  long gaps() {
    return gaps;
  }

  /** The following events are of this record. */
  void record(long newLine) {
    line = newLine;
    seq = null;
    records++;
  }

  /** As {@link #record}, of one that was met before. */
  void back(long earlierLine) {
    line = earlierLine;
    seq = null;
  }

  long line() {
    return line;
  }

  /** The record's own number. */
  void seq(long number) {
    seq = number;
  }

  void ignore() {
    ignored++;
  }

  void gap() {
    gaps++;
  }

  /** Of one whose record is whole, address included. */
  void add(NodeEvent event) {
    ready.add(event);
  }

  /**
   * @param host empty if the record names none
   * @param time Unix nanoseconds; 0 if the record has none
   */
  void add(String host, long time, Event.Builder event) {
    lastTime = time > 0 ? time : lastTime + MILLISECOND;
    byte[] body = event.setTime(lastTime).build().toByteArray();
    ready.add(
        new NodeEvent(
            node(host),
            seq == null ? RecordedEvents.LINE_EPOCH : 1,
            seq == null ? line : seq,
            lastTime,
            event.getKindValue(),
            body));
  }

  /** Without a time of its own it lies where it stands. */
  void addGap(String host, long time, long count) {
    gap();
    Gap.Builder gap = Gap.newBuilder().setCount(count).setCounted(count > 0);
    add(
        host,
        time > 0 ? time : Math.max(1, lastTime),
        Event.newBuilder().setKind(Kind.GAP).setGap(gap));
  }

  NodeId node(String host) {
    if (nodes.size() > MAX_HOSTS) {
      nodes.clear();
    }
    return nodes.computeIfAbsent(
        host,
        name -> {
          UUID id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
          return new NodeId(id.getMostSignificantBits(), id.getLeastSignificantBits());
        });
  }
}
