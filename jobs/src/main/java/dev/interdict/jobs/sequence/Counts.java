package dev.interdict.jobs.sequence;

import dev.interdict.cep.Count;
import dev.interdict.cep.Count.Measure;
import dev.interdict.cep.Hits;
import dev.interdict.jobs.sequence.CountPlan.Counter;
import dev.interdict.jobs.sequence.Window.Shown;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.MapState;

/**
 * Measures the counts of a plan over the state of the current node, by the node's clock alone.
 *
 * <p>Memory is bounded by bytes for each node: beyond the limit the windows that would end first
 * are given up, and counted; so are values beyond what one window holds.
 */
final class Counts {
  /** In bytes, of the windows of one node together. */
  static final long DEFAULT_LIMIT = 64L << 20;

  private final CountPlan plan;
  private final KeyedStore store;
  private final long limit;
  private final Consumer<Finding> found;
  private final MessageDigest sha256;
  private final Map<String, Addition> additions = new LinkedHashMap<>();
  private long shed;

  /**
   * @param parts what was hit, one for each event
   * @param measured what the threshold held for
   */
  record Finding(
      Count count, String key, List<Count.Part> parts, List<NodeEvent> events, double measured) {}

  /** What one event adds to the window of one key. */
  private static final class Addition {
    long parts;
    long number;
    boolean hasNumber;
    long[] values = {};

    void addValue(long value) {
      for (long known : values) {
        if (known == value) {
          return;
        }
      }
      values = Arrays.copyOf(values, values.length + 1);
      values[values.length - 1] = value;
    }
  }

  Counts(CountPlan plan, KeyedStore store, long limit, Consumer<Finding> found) {
    this.plan = plan;
    this.store = store;
    this.limit = limit;
    this.found = found;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /** Windows and values given up because of a limit. */
  long shed() {
    return shed;
  }

  /** The clock has been advanced to the event, and {@link #expire} was called since. */
  void process(NodeEvent event, EventView view, Hits hits, NodeClock clock) throws Exception {
    int selected = plan.select(hits);
    for (int i = 0; i < selected; i++) {
      Counter counter = plan.selected(i);
      additions.clear();
      for (long rest = plan.takeMask(i); rest != 0; rest &= rest - 1) {
        add(counter.count(), Long.numberOfTrailingZeros(rest), view);
      }
      for (Map.Entry<String, Addition> addition : additions.entrySet()) {
        take(counter, addition.getKey(), addition.getValue(), event, clock);
      }
    }
  }

  private void add(Count count, int ordinal, EventView view) {
    Count.Part part = count.parts().get(ordinal);
    Field number = part.number() == null ? null : part.number().of(view.kind());
    if (part.number() != null && (number == null || !view.has(number))) {
      return;
    }
    List<String> values = new ArrayList<>();
    if (part.value() != null) {
      part.value().evaluate(view, values::add);
      if (values.isEmpty()) {
        return;
      }
    }
    part.key()
        .evaluate(
            view,
            key -> {
              Addition addition = additions.computeIfAbsent(key, k -> new Addition());
              addition.parts |= 1L << ordinal;
              values.forEach(value -> addition.addValue(hash(value)));
              if (number != null && !addition.hasNumber) {
                addition.number = view.number(number);
                addition.hasNumber = true;
              }
            });
  }

  private long hash(String value) {
    byte[] digest = sha256.digest(value.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(digest).getLong();
  }

  private void take(
      Counter counter, String key, Addition addition, NodeEvent event, NodeClock clock)
      throws Exception {
    long now = clock.now();
    store.enter(key);
    Window window = store.windows().get(counter.id());
    if (window != null && over(counter, window, now)) {
      end(counter, key, window, clock);
      window = null;
    }
    if (window == null) {
      if (clock.windows().load() > limit) {
        giveUpOldest(clock);
        store.enter(key);
      }
      window = new Window(now);
      expect(key, now + counter.length(), clock);
      clock.windows().addLoad(entryBytes(key) + window.bytes());
    }
    long before = window.bytes();
    add(counter, window, addition, event, now);
    clock.windows().addLoad(window.bytes() - before);
    if (counter.count().sliding()
        && counter.count().threshold().holds(window.measure(counter.count()))) {
      end(counter, key, window, clock);
    } else {
      store.windows().put(counter.id(), window);
    }
  }

  /** Beside the window itself: the key and its place in the state. */
  private static long entryBytes(String key) {
    return 200 + 2L * key.length();
  }

  private void add(Counter counter, Window window, Addition addition, NodeEvent event, long now) {
    Count count = counter.count();
    int first = Long.numberOfTrailingZeros(addition.parts);
    boolean shown = true;
    long value = first;
    switch (count.measure()) {
      case EVENTS -> window.addAmount(now, 1, counter.length());
      case SUM -> window.addAmount(now, addition.number, counter.length());
      case AVERAGE -> window.total += addition.number;
      case PERCENTILE -> {
        shed += window.size == Count.MAX_VALUES ? 1 : 0;
        window.addNumber(addition.number, Count.MAX_VALUES);
      }
      case RULES -> {
        shown = false;
        for (long rest = addition.parts; rest != 0; rest &= rest - 1) {
          int part = Long.numberOfTrailingZeros(rest);
          window.see(now, part, counter.length(), Long.SIZE);
          window.show(event, part, part, count);
        }
      }
      case VALUES -> {
        shown = false;
        for (long seen : addition.values) {
          boolean full = window.size == Count.MAX_VALUES;
          boolean fresh = window.see(now, seen, counter.length(), Count.MAX_VALUES);
          shed += full && fresh && window.size == Count.MAX_VALUES ? 1 : 0;
          shown |= fresh;
          value = fresh ? seen : value;
        }
      }
      case SHARE -> {
        shown = false;
        for (long seen : addition.values) {
          boolean full = window.size == Count.MAX_VALUES;
          window.counted++;
          boolean fresh = window.countValue(seen, Count.MAX_VALUES);
          shed += full && fresh ? 1 : 0;
          shown |= fresh;
          value = fresh ? seen : value;
        }
      }
    }
    if (count.measure() != Measure.SHARE) {
      window.counted++;
    }
    window.last = now;
    if (shown) {
      window.show(event, first, value, count);
    }
  }

  /** Whether the window belongs to a span that is over. */
  private static boolean over(Counter counter, Window window, long now) {
    return now >= deadline(counter, window);
  }

  private static long deadline(Counter counter, Window window) {
    return (counter.count().sliding() ? window.last : window.start) + counter.length();
  }

  /** Tells of the window if its measure holds, and forgets it. The key has been entered. */
  private void end(Counter counter, String key, Window window, NodeClock clock) throws Exception {
    store.windows().remove(counter.id());
    clock.windows().addLoad(-entryBytes(key) - window.bytes());
    Count count = counter.count();
    List<Shown> evidence = window.evidence;
    double measured;
    if (count.sliding() && over(counter, window, clock.now())) {
      return;
    }
    if (count.measure() == Measure.SHARE) {
      long[] values = window.shares(count);
      if (values.length == 0) {
        return;
      }
      List<Shown> rare =
          evidence.stream().filter(s -> Arrays.binarySearch(values, s.value()) >= 0).toList();
      evidence = rare.isEmpty() ? evidence : rare;
      measured = values.length;
    } else {
      measured = window.measure(count);
      if (!count.threshold().holds(measured)) {
        return;
      }
    }
    found.accept(
        new Finding(
            count,
            key,
            evidence.stream().map(s -> count.parts().get(s.part())).toList(),
            evidence.stream().map(Shown::event).toList(),
            measured));
  }

  private void expect(String key, long deadline, NodeClock clock) throws Exception {
    long slot = Agenda.slotOf(deadline);
    store.windowDeadlines(slot).put(key, true);
    clock.windows().expect(slot);
  }

  /** Ends what is over by the node's clock. */
  void expire(NodeClock clock) throws Exception {
    while (clock.windows().due(clock.now())) {
      for (String key : takeKeys(clock.windows().takeSlot())) {
        expire(key, clock.now(), clock);
      }
    }
  }

  /**
   * @param until what ends before is forgotten
   * @return how many windows were
   */
  private int expire(String key, long until, NodeClock clock) throws Exception {
    store.enter(key);
    MapState<String, Window> windows = store.windows();
    List<Map.Entry<String, Window>> entries = new ArrayList<>();
    windows.entries().forEach(entry -> entries.add(Map.entry(entry.getKey(), entry.getValue())));
    int ended = 0;
    for (Map.Entry<String, Window> entry : entries) {
      Counter counter = plan.byId(entry.getKey());
      Window window = entry.getValue();
      if (counter == null) {
        // Of a count that was changed or removed since the state was written.
        windows.remove(entry.getKey());
        clock.windows().addLoad(-entryBytes(key) - window.bytes());
        ended++;
      } else if (over(counter, window, until)) {
        if (until <= clock.now()) {
          end(counter, key, window, clock);
        } else {
          windows.remove(entry.getKey());
          clock.windows().addLoad(-entryBytes(key) - window.bytes());
        }
        ended++;
      } else {
        expect(key, deadline(counter, window), clock);
      }
    }
    return ended;
  }

  /** Forgets the windows of the current node that belong to no counter of this plan. */
  void release(NodeClock clock) throws Exception {
    Agenda agenda = clock.windows();
    if (!agenda.waiting()) {
      return;
    }
    Set<String> keys = new HashSet<>();
    for (long slot = agenda.firstSlot(); slot <= agenda.lastSlot(); slot++) {
      store.windowDeadlines(slot).keys().forEach(keys::add);
    }
    for (String key : keys) {
      store.enter(key);
      List<String> gone = new ArrayList<>();
      store.windows().keys().forEach(gone::add);
      gone.removeIf(id -> plan.byId(id) != null);
      for (String id : gone) {
        clock.windows().addLoad(-entryBytes(key) - store.windows().get(id).bytes());
        store.windows().remove(id);
      }
    }
  }

  private List<String> takeKeys(long slot) throws Exception {
    MapState<String, Boolean> due = store.windowDeadlines(slot);
    List<String> keys = new ArrayList<>();
    due.keys().forEach(keys::add);
    due.clear();
    return keys;
  }

  /** Gives up what would end first. */
  private void giveUpOldest(NodeClock clock) throws Exception {
    int given = 0;
    while (clock.windows().waiting() && given == 0) {
      long slot = clock.windows().takeSlot();
      for (String key : takeKeys(slot)) {
        given += expire(key, (slot + 1) * Agenda.SLOT_MILLIS, clock);
      }
    }
    shed += given;
  }
}
