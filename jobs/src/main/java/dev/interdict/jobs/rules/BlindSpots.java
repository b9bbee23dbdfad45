package dev.interdict.jobs.rules;

import dev.interdict.cep.Count;
import dev.interdict.cep.Rule;
import dev.interdict.cep.RuleSet;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Step;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which rules and sequences find nothing on which nodes, because the kernel there does not show the
 * events that they need. Each is told in the log once for a node and a rule set. One thread, but
 * for {@link #rules()}.
 */
final class BlindSpots {
  private static final Logger LOG = LoggerFactory.getLogger(BlindSpots.class);
  private static final int NAMED = 20;

  private record Node(String name, long unseen) {}

  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final Map<Long, Set<String>> blindBy =
      new HashMap<>(); // of the active set, by kinds unseen
  private RuleBundle active;
  private RuleSet opened;
  private volatile int rules;

  BlindSpots(RuleBundle active) {
    this.active = active;
  }

  /** That find nothing on one node at least. */
  int rules() {
    return rules;
  }

  void judge(RuleBundle now) {
    active = now;
    opened = null;
    blindBy.clear();
    nodes.forEach((id, node) -> tell(id, node));
    count();
  }

  void unseen(NodeId id, String name, List<Kind> kinds) {
    long bits = 0;
    for (Kind kind : kinds) {
      bits |= kind == Kind.UNRECOGNIZED ? 0 : Kinds.bit(kind);
    }
    Node node = new Node(name, bits);
    Node before = bits == 0 ? nodes.remove(id) : nodes.put(id, node);
    if (bits != (before == null ? 0 : before.unseen)) {
      if (bits != 0) {
        tell(id, node);
      }
      count();
    }
  }

  private void tell(NodeId id, Node node) {
    Set<String> blind = blind(node.unseen);
    if (!blind.isEmpty()) {
      LOG.warn(
          "node {} ({}) sees no {}: {} rules find nothing there: {}{}",
          node.name,
          id,
          names(node.unseen),
          blind.size(),
          blind.stream().limit(NAMED).collect(Collectors.joining(", ")),
          blind.size() > NAMED ? ", ..." : "");
    }
  }

  private void count() {
    Set<String> all = new TreeSet<>();
    nodes.values().forEach(node -> all.addAll(blind(node.unseen)));
    rules = all.size();
  }

  private Set<String> blind(long unseen) {
    // Compiling the set is not worth it where it needs nothing of that.
    if ((Kinds.bits(active.kinds()) & unseen) == 0) {
      return Set.of();
    }
    return blindBy.computeIfAbsent(unseen, kinds -> blind(open(), kinds));
  }

  private RuleSet open() {
    if (opened == null) {
      try {
        opened = active.open();
      } catch (IOException e) {
        throw new IllegalStateException("rules " + active + " cannot be opened again", e);
      }
    }
    return opened;
  }

  /**
   * Titles of the rules all of whose kinds are unseen, of the sequences that have a step which only
   * such rules can meet, and of the counts that count nothing else.
   */
  static Set<String> blind(RuleSet set, long unseen) {
    BitSet hits = new BitSet();
    Set<String> titles = new TreeSet<>();
    for (Rule rule : set.rules()) {
      if (rule.kinds() != 0 && (rule.kinds() & ~unseen) == 0) {
        hits.set(rule.index());
        titles.add(rule.about().title());
      }
    }
    // Each may refer to any other: a round that adds none is the last.
    for (int before = -1; before != hits.cardinality(); ) {
      before = hits.cardinality();
      for (Sequence sequence : set.sequences()) {
        if (sequence.steps().stream().anyMatch(step -> isBlind(step, hits))) {
          hits.set(sequence.hit());
          titles.add(sequence.about().title());
        }
      }
      for (Count count : set.counts()) {
        // One that asks for few is met by nothing at all.
        if (count.sliding() && count.parts().stream().allMatch(part -> hits.get(part.hit()))) {
          hits.set(count.hit());
          titles.add(count.about().title());
        }
      }
    }
    return titles;
  }

  /** What must not happen holds where nothing is seen, too. */
  private static boolean isBlind(Step step, BitSet hits) {
    if (step.absent()) {
      return false;
    }
    for (int rule : step.rules()) {
      if (!hits.get(rule)) {
        return false;
      }
    }
    return true;
  }

  private static String names(long kinds) {
    List<String> names = new ArrayList<>();
    for (int kind = 0; kind < Kinds.LIMIT; kind++) {
      if ((kinds & 1L << kind) != 0) {
        names.add(Kinds.name(kind));
      }
    }
    return String.join(", ", names);
  }
}
