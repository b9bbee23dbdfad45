package dev.interdict.jobs.source;

import dev.interdict.jobs.rules.RuleFeed;
import dev.interdict.schema.Kind;
import java.io.Serializable;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * @param consumer name under which nodes keep positions and fence out older holders; one job, one
 *     name
 * @param kinds what is asked of the nodes; empty means everything
 * @param maxParallelism must be the job's: it decides which subtask owns a node
 * @param progress whether filtered ranges show as {@link NodeEvent#progress}, which moves clocks on
 * @param creditBytes how much of each node's stream may be under way
 * @param rules which say by their changing sets what is asked of the nodes, instead of kinds; null
 *     for a job without rules
 */
public record SourceSettings(
    NodeStreams.Dialer dialer,
    String consumer,
    Set<Kind> kinds,
    Start start,
    int maxParallelism,
    boolean progress,
    long creditBytes,
    RuleFeed rules)
    implements Serializable {

  public static final long DEFAULT_CREDIT_BYTES = 4L << 20;

  public SourceSettings {
    kinds = Collections.unmodifiableSet(new TreeSet<>(kinds));
    if (consumer.isEmpty()) {
      throw new IllegalArgumentException("a checkpointed consumer needs a name");
    }
  }
}
