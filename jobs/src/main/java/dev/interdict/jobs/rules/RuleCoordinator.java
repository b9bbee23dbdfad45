package dev.interdict.jobs.rules;

import dev.interdict.jobs.Local;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's half of a change of rules. What was announced before a checkpoint has reached
 * every reader before that checkpoint's barrier does; so the readers' positions in it are where the
 * new set begins, and a restore from it, or from any other, puts each set exactly where it was.
 *
 * <p>On the coordinator's thread, but for the look at the directory.
 */
public final class RuleCoordinator {
  private static final Logger LOG = LoggerFactory.getLogger(RuleCoordinator.class);
  private static final long NOT_YET = Long.MAX_VALUE;

  private final SplitEnumeratorContext<?> context;
  private final RuleFeed feed;
  private final RuleStatus.Listener listener;
  private final Counter rejected;
  private final Map<Integer, String> confirmed = new HashMap<>();
  private final BlindSpots blind;
  private RuleBundle active;
  private RuleBundle announced;
  private RuleBundle wanted;
  private long announcedIn = NOT_YET;
  private String problem = "";

  /**
   * @param restored what a checkpoint says was in effect at its positions, or null
   */
  public RuleCoordinator(SplitEnumeratorContext<?> context, RuleFeed feed, RuleBundle restored) {
    this.context = context;
    this.feed = feed;
    this.active = restored == null ? feed.initial() : restored;
    // What lies in the directory is not known yet; a set that was changed since must not come back.
    this.wanted = restored != null && feed.canChange() ? restored : feed.initial();
    this.listener =
        feed.listener() == null
            ? status -> {}
            : Local.get(feed.listener(), RuleStatus.Listener.class);
    rejected = context.metricGroup().counter("rulesRejected");
    context.metricGroup().gauge("rulesActive", () -> active.hash());
    context.metricGroup().gauge("rulesConfirmed", this::confirmed);
    context.metricGroup().gauge("rulesProblem", () -> problem);
    blind = new BlindSpots(active);
    context.metricGroup().gauge("rulesBlind", blind::rules);
  }

  public void start() {
    if (feed.canChange()) {
      RuleDirectory directory = new RuleDirectory(feed.origin());
      context.callAsync(directory::look, this::looked, 0, feed.interval().toMillis());
    }
    announce();
  }

  private void looked(RuleDirectory.Found found, Throwable failure) {
    if (failure != null) {
      reject("cannot read " + feed.origin().directory() + ": " + failure.getMessage());
    } else if (found != null && found.rules() == null) {
      reject(found.problem());
    } else if (found != null) {
      problem = "";
      wanted = found.rules();
      announce();
      tell();
    }
  }

  private void reject(String what) {
    rejected.inc();
    problem = what;
    LOG.error("rules {} stay in effect, the change is not taken:\n{}", active, what);
    tell();
  }

  /** One change at a time: until it is in effect, a newer one waits. */
  private void announce() {
    if (announced != null || wanted.equals(active)) {
      return;
    }
    announced = wanted;
    announcedIn = NOT_YET;
    LOG.info("rules {} follow {} at the next checkpoint", announced, active);
    for (int subtask : context.registeredReaders().keySet()) {
      send(subtask);
    }
    tell();
  }

  private void send(int subtask) {
    context.sendEventToSourceReader(subtask, new RulesAnnounced(active, announced));
  }

  /** Before it is given any split. */
  public void addReader(int subtask) {
    confirmed.remove(subtask);
    send(subtask);
  }

  /** What is in effect from the positions of this checkpoint on. */
  public RuleBundle snapshot(long checkpoint) {
    if (announced == null) {
      return active;
    }
    announcedIn = Math.min(announcedIn, checkpoint);
    return announced;
  }

  public void notifyCheckpointComplete(long checkpoint) {
    if (announced != null && checkpoint >= announcedIn) {
      active = announced;
      announced = null;
      LOG.info("rules {} are in effect", active);
      blind.judge(active);
      tell();
      announce();
    }
  }

  /** Kinds of which a node will tell nothing; none: it sees them all. */
  public void unseen(NodeId node, String name, List<Kind> kinds) {
    blind.unseen(node, name, kinds);
  }

  public void handleSourceEvent(int subtask, SourceEvent event) {
    if (event instanceof RulesConfirmed said) {
      // It may have heard of the checkpoint before this one did.
      confirmed.put(subtask, said.hash());
      tell();
    }
  }

  private int confirmed() {
    int tasks = 0;
    for (String hash : confirmed.values()) {
      tasks += hash.equals(active.hash()) ? 1 : 0;
    }
    return tasks;
  }

  private void tell() {
    listener.changed(
        new RuleStatus(
            active.hash(),
            announced == null ? "" : announced.hash(),
            confirmed(),
            context.currentParallelism(),
            problem));
  }
}
