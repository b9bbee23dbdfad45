package dev.interdict.response;

import dev.interdict.schema.Alert;
import java.time.Duration;

/**
 * What became of one alert.
 *
 * @param id derived from the alert's, and so the same on every replay
 * @param reason why it is in this state
 * @param policy the one that decided; empty if none matched
 */
public record ContainmentRecord(
    String id,
    ContainmentState state,
    String reason,
    String policy,
    boolean cut,
    boolean freeze,
    Duration ttl,
    Times times,
    Alert alert) {

  /**
   * Unix nanoseconds; 0: has not happened. Kernel, verified and until are the node's clock,
   * detected is the job's, the others are the responder's.
   *
   * @param kernel of the event that completed the alert
   * @param actBefore from then on the alert is too old to be acted upon
   */
  public record Times(
      long kernel,
      long detected,
      long received,
      long decided,
      long actBefore,
      long sent,
      long verified,
      long until,
      long releaseAsked,
      long ended) {}

  public String alertId() {
    return alert.getId();
  }

  public String rule() {
    return alert.getRuleId();
  }

  public String node() {
    return alert.getEntity().getNode();
  }

  public long cgroupId() {
    return alert.getEntity().getCgroupId();
  }

  public String cgroup() {
    return alert.getEntity().getCgroup();
  }

  /** Its name, or id where it has none; empty on the host. */
  public String container() {
    String name = alert.getEntity().getContainer().getName();
    return name.isEmpty() ? alert.getEntity().getContainer().getId() : name;
  }

  /**
   * From the kernel's event to the node's confirmation, all on the node's clock; -1 if there is
   * none.
   */
  public long containNanos() {
    return times.verified() == 0 ? -1 : times.verified() - times.kernel();
  }
}
