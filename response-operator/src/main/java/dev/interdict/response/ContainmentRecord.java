package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.ResponseStep;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What became of one alert.
 *
 * @param id derived from the alert's, and so the same on every replay
 * @param reason why it is in this state
 * @param policy the one that decided; empty if none matched
 * @param workload what budgets count it by
 */
public record ContainmentRecord(
    String id,
    ContainmentState state,
    String reason,
    String policy,
    boolean cut,
    boolean freeze,
    Duration ttl,
    String workload,
    Approval approval,
    List<ResponseStep> steps,
    Times times,
    Alert alert) {
  private static final int ID_BYTES = 8;

  /**
   * @param before Unix nanoseconds; 0: none is needed
   * @param act what to do when that time comes: it is done, or left
   * @param by who has decided; empty: nobody yet
   */
  public record Approval(long before, boolean act, String by) {
    static final Approval NONE = new Approval(0, false, "");

    Approval decidedBy(String person) {
      return new Approval(before, act, person);
    }
  }

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
      long ended) {

    static Times decided(long kernel, long detected, long received, long decided, long actBefore) {
      return new Times(kernel, detected, received, decided, actBefore, 0, 0, 0, 0, 0);
    }

    /** An approval makes an alert as new as it was when it was decided about. */
    Times withApproved(long now) {
      return new Times(
          kernel,
          detected,
          received,
          decided,
          now + actBefore - kernel,
          sent,
          verified,
          until,
          releaseAsked,
          ended);
    }

    Times withSent(long value) {
      return new Times(
          kernel,
          detected,
          received,
          decided,
          actBefore,
          value,
          verified,
          until,
          releaseAsked,
          ended);
    }

    Times withVerified(long value, long untilValue) {
      return new Times(
          kernel,
          detected,
          received,
          decided,
          actBefore,
          sent,
          value,
          untilValue,
          releaseAsked,
          ended);
    }

    Times withReleaseAsked(long value) {
      return new Times(
          kernel, detected, received, decided, actBefore, sent, verified, until, value, ended);
    }

    Times withEnded(long value) {
      return new Times(
          kernel,
          detected,
          received,
          decided,
          actBefore,
          sent,
          verified,
          until,
          releaseAsked,
          value);
    }
  }

  /** Something remains to be done or to come about. */
  boolean isOpen() {
    return state.active()
        || (times.releaseAsked() != 0 && state != ContainmentState.RELEASED)
        || hasStepsLeft()
        || Steps.nextUndo(this, false) >= 0;
  }

  boolean hasStepsLeft() {
    return state.acted() && state != ContainmentState.RELEASED && Steps.next(this) >= 0;
  }

  static String idOf(Alert alert) {
    return idOf(alert.getId());
  }

  /** Of the containment that a person asks for by this request. */
  public static String idOfRequest(String request) {
    return idOf(ByHand.alertId(request));
  }

  static String idOf(String alertId) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("contain " + alertId).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  ContainmentRecord with(ContainmentState newState, String newReason, Times newTimes) {
    return new ContainmentRecord(
        id, newState, newReason, policy, cut, freeze, ttl, workload, approval, steps, newTimes,
        alert);
  }

  ContainmentRecord withStep(int index, ResponseStep step) {
    List<ResponseStep> changed = new ArrayList<>(steps);
    changed.set(index, step);
    return new ContainmentRecord(
        id,
        state,
        reason,
        policy,
        cut,
        freeze,
        ttl,
        workload,
        approval,
        List.copyOf(changed),
        times,
        alert);
  }

  ContainmentRecord decidedBy(String person) {
    return new ContainmentRecord(
        id,
        state,
        reason,
        policy,
        cut,
        freeze,
        ttl,
        workload,
        approval.decidedBy(person),
        steps,
        times,
        alert);
  }

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
    return Policy.nameOf(alert.getEntity().getContainer());
  }

  /**
   * From the kernel's event to the node's confirmation, all on the node's clock; -1 if there is
   * none.
   */
  public long containNanos() {
    return times.verified() == 0 ? -1 : times.verified() - times.kernel();
  }
}
