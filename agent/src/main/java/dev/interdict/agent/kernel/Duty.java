package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroup;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.event.EventSink;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Lane;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sensor's thread: wait, drain the rings in the order of kernel time, account, again.
 *
 * <p>A record gets its time before it is visible, so a lane that looks empty may still bring an
 * older one. Records are therefore held until they are {@link #HOLD} old, longer than a program
 * takes: then nothing older can come.
 */
final class Duty implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Duty.class);
  private static final long HOLD = 100_000;
  private static final long SHORTEST_ROUND = 1_000_000;
  private static final long LONGEST_ROUND = 20_000_000;
  private static final long LOOK_EVERY = 4_000_000;
  private static final long CLOCK_STEP = 500_000;
  private static final long ACCOUNT_EVERY = 100_000_000;
  private static final long REPEATS_EVERY = 1_000_000_000;
  private static final long USERS_EVERY = 10_000_000_000L;
  private static final int LANES = 3;

  private final long handle;
  private final Ring[] rings;
  private final ByteBuffer shared;
  private final Translator translator;
  private final ProcessTable processes;
  private final KernelCounters counters;
  private final Repeats repeats;
  private final CgroupRules rules;
  private final EventSink sink;
  private final Inbox inbox;
  private final int flushMillis;
  private final long tickNanos;
  private final long[] clocks = new long[2];
  private final long[] recorded = new long[Kinds.LIMIT];
  private final long[] made = new long[Kinds.LIMIT]; // of no record of its own, and recorded
  private final long[] filtered = new long[Kinds.LIMIT];
  private final long[] summaries = new long[Kinds.LIMIT];
  private final long[] reported = new long[LANES];
  private final long[] cappedReported = new long[LANES];
  private final ProtoBuffer own = new ProtoBuffer(1024, 256 << 10);
  private long sinceEpoch;
  private long undecodable;
  private long undecodableReported;
  private long wakeups;
  private long accounted;
  private long ticked;
  private long repeatsTold;
  private long round = SHORTEST_ROUND;
  private long usersRead;
  private volatile boolean running = true;

  Duty(
      long handle,
      Ring[] rings,
      ByteBuffer shared,
      Translator translator,
      ProcessTable processes,
      KernelCounters counters,
      Repeats repeats,
      CgroupRules rules,
      EventSink sink,
      Inbox inbox,
      SensorConfig config) {
    this.handle = handle;
    this.rings = rings;
    this.shared = shared;
    this.translator = translator;
    this.processes = processes;
    this.counters = counters;
    this.repeats = repeats;
    this.rules = rules;
    this.sink = sink;
    this.inbox = inbox;
    this.flushMillis = Math.toIntExact(config.flushInterval().toMillis());
    this.tickNanos = config.tickInterval().toNanos();
  }

  void stop() {
    running = false;
  }

  @Override
  public void run() {
    readClocks(Natives.await(handle, 0, clocks));
    accounted = ticked = usersRead = repeatsTold = boot();
    while (running) {
      long began = boot();
      // Where it does not end, the few records that have just come go with those of the round.
      if (round > SHORTEST_ROUND || drain()) {
        coalesce(began);
      }
      account();
      sleep();
    }
    shared.putLong(Record.Shared.KINDS, 0);
    LockSupport.parkNanos(HOLD); // for the programs that have begun
    drain();
    tellRepeats(boot());
    tellGaps(boot());
  }

  /**
   * What happens on a quiet host is told at once. Where it does not end, rounds grow longer: each
   * costs its readers a wake-up, a frame and a packet, whatever is in it. A ring that fills ends
   * them early.
   */
  private void coalesce(long began) {
    long left = round - (boot() - began);
    while (left > 0 && !pressed()) {
      LockSupport.parkNanos(Math.min(left, LOOK_EVERY));
      left = round - (boot() - began);
    }
  }

  private boolean pressed() {
    for (Ring ring : rings) {
      if (ring.isFilling()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Urgent records wake the reader from the moment that it says it sleeps; those that found it
   * awake have been committed by then and are taken first. What else comes waits for the next
   * round.
   */
  private void sleep() {
    shared.putInt(Record.Shared.AWAKE, 0);
    VarHandle.fullFence();
    drain();
    long began = System.nanoTime();
    readClocks(Natives.await(handle, flushMillis, clocks));
    boolean busy = System.nanoTime() - began < LONGEST_ROUND;
    round = busy ? Math.min(LONGEST_ROUND, 2 * round) : SHORTEST_ROUND;
    shared.putInt(Record.Shared.AWAKE, 1);
    wakeups++;
  }

  /**
   * Follows steps and suspends; the slewing between them is smaller than what it would disorder.
   */
  private void readClocks(int ready) {
    if (ready < 0) {
      throw new IllegalStateException("epoll_wait failed with errno=" + -ready);
    }
    if (Math.abs(clocks[1] - sinceEpoch) > CLOCK_STEP) {
      sinceEpoch = clocks[1];
    }
  }

  private long boot() {
    return System.nanoTime() + clocks[0];
  }

  /** Delivers what happened until now, not what is added meanwhile; true if that was anything. */
  private boolean drain() {
    long until = boot();
    long cutoff = until - HOLD;
    boolean any = false;
    refresh();
    Ring oldest;
    while ((oldest = oldest()) != null && oldest.headTime() <= until) {
      if (oldest.headTime() > cutoff) {
        LockSupport.parkNanos(HOLD);
        cutoff = boot() - HOLD;
        refresh(); // after the cutoff was set: what is older than that is visible by now
      } else {
        deliver(oldest);
        any = true;
      }
    }
    for (Ring ring : rings) {
      ring.release();
    }
    any |= takeInbox(until);
    if (any) {
      sink.flush();
    }
    return any;
  }

  /** What others have made happened when it is taken: the stream is in the order of its times. */
  private boolean takeInbox(long now) {
    boolean any = false;
    Inbox.Entry entry;
    while ((entry = inbox.poll()) != null) {
      begin(entry.kind(), now);
      own.raw(entry.rest(), 0, entry.rest().length);
      made[entry.kind()]++;
      sink.accept(Kinds.laneOf(entry.kind()).getNumber(), own.array(), 0, own.length());
      any = true;
    }
    return any;
  }

  private void refresh() {
    for (Ring ring : rings) {
      ring.refresh();
    }
  }

  private Ring oldest() {
    Ring oldest = null;
    for (Ring ring : rings) {
      if (ring.hasHead() && (oldest == null || ring.headTime() < oldest.headTime())) {
        oldest = ring;
      }
    }
    return oldest;
  }

  private void deliver(Ring ring) {
    ByteBuffer data = ring.data();
    int at = ring.head();
    int kind = data.getShort(at + Record.KIND) & (Kinds.LIMIT - 1);
    try {
      boolean event = translator.translate(data, at, ring.headLength(), sinceEpoch);
      ProtoBuffer preceding = translator.preceding();
      if (preceding != null) {
        made[Kind.CONTAINER_VALUE]++;
        sink.accept(Lane.PROCESS_VALUE, preceding.array(), 0, preceding.length());
      }
      if (event) {
        recorded[kind]++;
        ProtoBuffer out = translator.event();
        sink.accept(Kinds.laneOf(kind).getNumber(), out.array(), 0, out.length());
      } else {
        filtered[kind]++;
      }
    } catch (MalformedRecordException e) {
      LOG.debug("record dropped", e);
      undecodable++;
    }
    ring.next();
  }

  /** Losses become gaps, and now and then a tick says how far the stream is complete. */
  private void account() {
    long now = boot();
    if (now - accounted >= ACCOUNT_EVERY) {
      tellGaps(now);
    }
    if (tickNanos > 0 && now - ticked >= tickNanos) {
      begin(Kind.TICK_VALUE, now - HOLD);
      own.end(own.begin(Kind.TICK_VALUE));
      sink.accept(Lane.PROCESS_VALUE, own.array(), 0, own.length());
      sink.flush();
      ticked = now;
    }
    if (now - repeatsTold >= REPEATS_EVERY) {
      tellRepeats(now);
    }
    if (now - usersRead >= USERS_EVERY) {
      processes.users().refresh();
      usersRead = now;
    }
  }

  private void tellRepeats(long now) {
    repeats.tell(now - HOLD, this::summarise);
    sink.flush();
    repeatsTold = now;
  }

  private void summarise(ByteBuffer record, int length) {
    int kind = record.getShort(Record.KIND) & (Kinds.LIMIT - 1);
    try {
      if (translator.translate(record, 0, length, sinceEpoch)) {
        summaries[kind]++;
        ProtoBuffer event = translator.event();
        sink.accept(Kinds.laneOf(kind).getNumber(), event.array(), 0, event.length());
      }
    } catch (MalformedRecordException e) {
      LOG.debug("record dropped", e);
      undecodable++;
    }
  }

  private void tellGaps(long now) {
    boolean told = false;
    for (int lane = 0; lane < LANES; lane++) {
      told |= gap(lane, now);
      if (lane != Lane.PROCESS_VALUE) {
        told |= capGap(lane, now);
      }
    }
    if (undecodable > undecodableReported) {
      writeGap(Gap.Reason.DECODE_VALUE, 0, undecodable - undecodableReported, now);
      undecodableReported = undecodable;
      told = true;
    }
    accounted = now;
    if (told) {
      sink.flush();
    }
  }

  private boolean gap(int lane, long now) {
    long lost = 0;
    for (int kind = 1; kind < Kind.GAP_VALUE; kind++) {
      if (Kinds.laneOf(kind).getNumber() == lane) {
        lost += counters.lost(kind) + inbox.lost(kind);
      }
    }
    if (lost == reported[lane]) {
      return false;
    }
    writeGap(Gap.Reason.RING_FULL_VALUE, lane, lost - reported[lane], now);
    reported[lane] = lost;
    return true;
  }

  /** One of each container that said too much. */
  private boolean capGap(int lane, long now) {
    long total = 0;
    for (int kind = 1; kind < Kind.GAP_VALUE; kind++) {
      if (Kinds.laneOf(kind).getNumber() == lane) {
        total += counters.capped(kind);
      }
    }
    if (total == cappedReported[lane]) {
      return false;
    }
    long left = total - cappedReported[lane];
    for (Cgroup cgroup : rules.ruled()) {
      long count = rules.takeCapped(cgroup, lane, left);
      if (count > 0) {
        writeGap(Gap.Reason.CAPPED_VALUE, lane, count, now, cgroup);
        left -= count;
      }
    }
    if (left > 0) { // of a rule that is forgotten
      writeGap(Gap.Reason.CAPPED_VALUE, lane, left, now);
    }
    cappedReported[lane] = total;
    return true;
  }

  private void writeGap(int reason, int lane, long count, long now) {
    writeGap(reason, lane, count, now, null);
  }

  private void writeGap(int reason, int lane, long count, long now, Cgroup cgroup) {
    begin(Kind.GAP_VALUE, now);
    int message = own.begin(Kind.GAP_VALUE);
    own.number(1, reason);
    own.number(2, lane);
    own.number(3, count);
    own.flag(4, true);
    own.fixed(5, accounted + sinceEpoch);
    own.fixed(6, now + sinceEpoch);
    if (cgroup != null && cgroup.path() != null) {
      byte[] path = cgroup.path().getBytes(StandardCharsets.UTF_8);
      own.text(9, path, 0, path.length);
    }
    own.end(message);
    sink.accept(Lane.PROCESS_VALUE, own.array(), 0, own.length());
  }

  private void begin(int kind, long time) {
    own.clear();
    own.fixedAlways(1, time + sinceEpoch);
    own.number(2, kind);
  }

  /** From any thread: each number is right, together they may be a moment apart. */
  SensorStats stats(KernelCounters counters) {
    List<SensorStats.PerKind> kinds = new ArrayList<>();
    for (int kind = 1; kind < Kind.GAP_VALUE; kind++) {
      long lost = counters.lost(kind) + inbox.lost(kind);
      long unwanted = counters.filtered(kind) + inbox.leftOut(kind);
      long repeated = counters.repeated(kind);
      long capped = counters.capped(kind);
      long seen = counters.submitted(kind) + made[kind] + unwanted + repeated + capped + lost;
      if (seen > 0 || Kind.forNumber(kind) != null) {
        kinds.add(
            new SensorStats.PerKind(
                Kinds.name(kind),
                seen,
                unwanted + filtered[kind],
                repeated,
                capped,
                recorded[kind] + made[kind],
                lost,
                summaries[kind]));
      }
    }
    return new SensorStats(kinds, wakeups, undecodable, processes.size());
  }
}
