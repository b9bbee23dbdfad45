package dev.interdict.response;

import dev.interdict.response.Policy.Approval;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for a person: approved, denied, or decided by its time. The responder's thread only.
 * The decision is on the disk before anything follows from it.
 */
final class Approvals {
  private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final Agenda agenda;
  private final Book book;
  private Policies policies;
  private final Courier courier;

  Approvals(Agenda agenda, Book book, Policies policies, Courier courier) {
    this.agenda = agenda;
    this.book = book;
    this.policies = policies;
    this.courier = courier;
  }

  void use(Policies value) {
    policies = value;
  }

  /** Takes up what an earlier run left waiting. */
  void resume() {
    for (ContainmentRecord record : book.ledger().open()) {
      if (record.state() == ContainmentState.WAITING) {
        await(record);
      }
    }
  }

  void await(ContainmentRecord record) {
    Duration left = Duration.ofNanos(record.approval().before() - book.now());
    Future<?> unused = agenda.later(left, () -> timeIsOver(record.id()));
  }

  void decide(String id, boolean approve, String by, CompletableFuture<ContainmentRecord> decided) {
    ContainmentRecord record = book.ledger().get(id);
    String refusal = refusal(id, record, by);
    if (refusal != null) {
      decided.completeExceptionally(new ReleaseFailedException(refusal));
      return;
    }
    try {
      ContainmentRecord after =
          approve
              ? act(record.decidedBy(by), "approved by " + by)
              : leave(record.decidedBy(by), "denied by " + by);
      decided.complete(after);
    } catch (IOException e) {
      decided.completeExceptionally(
          new ReleaseFailedException("the log does not take the decision: " + e.getMessage()));
    }
  }

  private String refusal(String id, ContainmentRecord record, String by) {
    if (record == null) {
      return "there is no containment " + id;
    }
    if (record.state() != ContainmentState.WAITING) {
      return "containment %s waits for nobody: it is %s: %s"
          .formatted(id, record.state(), record.reason());
    }
    if (book.now() >= record.approval().before()) {
      return "the time to decide about containment " + id + " is over";
    }
    Policy policy = policies.named(record.policy());
    Approval approval = policy == null ? null : policy.approval();
    return approval == null || approval.allows(by)
        ? null
        : by + " may not decide about it, policy " + policy.name() + " names: " + approval.who();
  }

  private void timeIsOver(String id) {
    ContainmentRecord record = book.ledger().get(id);
    if (record == null || record.state() != ContainmentState.WAITING) {
      return;
    }
    long left = record.approval().before() - book.now();
    if (left > 0) {
      await(record); // The clock was set back.
      return;
    }
    try {
      if (record.approval().act()) {
        act(record, "nobody decided in time, and the policy acts then");
      } else {
        leave(record, "nobody approved in time");
      }
    } catch (IOException e) {
      LOG.error("the log does not take what becomes of containment {}, tried again", id, e);
      Future<?> unused = agenda.later(RETRY, () -> timeIsOver(id));
    }
  }

  private ContainmentRecord act(ContainmentRecord record, String why) throws IOException {
    String stopped = book.ledger().standing().whyStopped();
    if (stopped != null) {
      return leave(record, stopped);
    }
    ContainmentRecord decided =
        book.changeForGood(
            record.with(ContainmentState.DECIDED, why, record.times().withApproved(book.now())));
    courier.contain(record.id());
    return decided;
  }

  private ContainmentRecord leave(ContainmentRecord record, String why) throws IOException {
    return book.changeForGood(
        record.with(ContainmentState.SKIPPED, why, record.times().withEnded(book.now())));
  }
}
