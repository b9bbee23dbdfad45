package dev.interdict.cep.content;

import dev.interdict.cep.Count;
import dev.interdict.cep.Hits;
import dev.interdict.cep.content.SequenceReplay.Finding;
import dev.interdict.cep.content.SequenceReplay.Observed;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a count means, followed literally: every event of a span is kept and the measure is made
 * anew of all of them. For tests of rules and as the measure of the streaming operator.
 */
public final class CountReplay {
  /** What one event adds to the span of one key. */
  private record Item(
      int position, long millis, TreeSet<Integer> parts, List<String> values, Long number) {
    Item(int position, long millis) {
      this(position, millis, new TreeSet<>(), new ArrayList<>(), null);
    }

    Item with(Long changed) {
      return new Item(position, millis, parts, values, number == null ? changed : number);
    }
  }

  private final Count count;
  private final Map<String, List<Item>> spans = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  private CountReplay(Count count) {
    this.count = count;
  }

  /** After the last event no more come, ever: all spans end. */
  public static List<Finding> findings(Count count, List<Observed> events) {
    CountReplay replay = new CountReplay(count);
    EventView view = new EventView();
    for (int position = 0; position < events.size(); position++) {
      Observed event = events.get(position);
      replay.accept(
          view.wrap(event.bytes(), 0, event.bytes().length), event.sortedHits(), position);
    }
    if (!count.sliding()) {
      replay.spans.forEach(replay::judge);
    }
    return replay.findings;
  }

  private void accept(EventView event, int[] hits, int position) {
    long millis = Math.floorDiv(event.time(), 1_000_000L);
    Map<String, Item> items = new LinkedHashMap<>();
    for (int i = 0; i < count.parts().size(); i++) {
      Count.Part part = count.parts().get(i);
      if (Arrays.binarySearch(hits, part.hit()) < 0) {
        continue;
      }
      int ordinal = i;
      Field field = part.number() == null ? null : part.number().of(event.kind());
      if (part.number() != null && (field == null || !event.has(field))) {
        continue;
      }
      List<String> values = new ArrayList<>();
      if (part.value() != null) {
        part.value().evaluate(event, values::add);
        if (values.isEmpty()) {
          continue;
        }
      }
      part.key()
          .evaluate(
              event,
              key -> {
                Item item = items.computeIfAbsent(key, k -> new Item(position, millis));
                item.parts.add(ordinal);
                values.stream().filter(v -> !item.values.contains(v)).forEach(item.values::add);
                items.put(key, field == null ? item : item.with(event.number(field)));
              });
    }
    items.forEach(this::take);
  }

  private void take(String key, Item item) {
    long length = count.within().toMillis();
    List<Item> span = spans.computeIfAbsent(key, k -> new ArrayList<>());
    if (count.sliding()) {
      span.removeIf(old -> item.millis - old.millis >= length);
      span.add(item);
      judge(key, span);
    } else {
      if (!span.isEmpty() && item.millis - span.get(0).millis >= length) {
        judge(key, span);
        span.clear();
      }
      span.add(item);
    }
  }

  private void judge(String key, List<Item> span) {
    if (span.isEmpty() || !holds(span)) {
      return;
    }
    findings.add(new Finding(key, span.stream().map(Item::position).toList()));
    span.clear();
  }

  private boolean holds(List<Item> span) {
    if (count.measure() != Count.Measure.SHARE) {
      return count.threshold().holds(measure(span));
    }
    Map<String, Integer> values = new HashMap<>();
    span.forEach(item -> item.values.forEach(value -> values.merge(value, 1, Integer::sum)));
    double all = values.values().stream().mapToInt(Integer::intValue).sum();
    return values.values().stream().anyMatch(n -> count.threshold().holds(100 * n / all));
  }

  private double measure(List<Item> span) {
    return switch (count.measure()) {
      case EVENTS -> span.size();
      case RULES -> span.stream().flatMap(item -> item.parts.stream()).distinct().count();
      case VALUES -> span.stream().flatMap(item -> item.values.stream()).distinct().count();
      case SUM -> span.stream().mapToDouble(Item::number).sum();
      case AVERAGE -> span.stream().mapToDouble(Item::number).average().orElse(0);
      case PERCENTILE -> {
        long[] sorted = span.stream().mapToLong(Item::number).sorted().toArray();
        // Nearest rank.
        int rank = (int) Math.ceil(count.percentile() / 100 * sorted.length);
        yield sorted[Math.max(rank, 1) - 1];
      }
      case SHARE -> throw new IllegalStateException("a share is of one value");
    };
  }

  /** Hits of single events, and of correlations that they complete. */
  static Observed with(Observed event, int hit) {
    Hits hits = new Hits();
    for (int old : event.sortedHits()) {
      hits.add(old);
    }
    hits.add(hit);
    return new Observed(event.bytes(), hits.toArray());
  }
}
