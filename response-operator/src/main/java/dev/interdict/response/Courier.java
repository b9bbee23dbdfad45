package dev.interdict.response;

import dev.interdict.response.ContainmentRecord.Times;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Containment;
import dev.interdict.schema.Presence;
import dev.interdict.schema.ResponseStep;
import dev.interdict.schema.SignedCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * Carries commands to the nodes until they are answered or too late, and writes down what became of
 * them. The responder's thread only.
 */
final class Courier {
  private static final Duration RELEASE_LIMIT = Duration.ofMinutes(1);
  private static final Duration EXPIRY_GRACE = Duration.ofMillis(500);

  private final Agenda agenda;
  private final Book book;
  private final Commands commands;
  private final NodeCommands nodes;
  private final Map<String, Errand> errands = new HashMap<>();
  private final Map<String, Long> epochs = new HashMap<>(); // of the nodes that are connected
  private final Map<String, String> names = new HashMap<>(); // of those that ever were
  private final StepRunner runner;
  private final Undoing undoing;

  Courier(Agenda agenda, Book book, Commands commands, NodeCommands nodes, StepRunner runner) {
    this.agenda = agenda;
    this.book = book;
    this.commands = commands;
    this.nodes = nodes;
    this.runner = runner;
    undoing = new Undoing(agenda, book, runner);
  }

  /** Takes up what an earlier run of the responder left open. */
  void resume() {
    for (ContainmentRecord record : book.ledger().open()) {
      if (record.state() == ContainmentState.WAITING) {
        continue;
      }
      if (record.times().releaseAsked() != 0) {
        letGo(begin(record.id(), true));
      } else if (record.state() == ContainmentState.IN_FORCE) {
        expireInTime(record);
        goOn(record);
      } else if (record.state().active()) {
        contain(record.id());
      } else {
        goOn(record);
      }
    }
  }

  void presence(Presence presence) {
    String node = presence.getNode().getId();
    if (!presence.getConnected()) {
      epochs.remove(node);
      return;
    }
    epochs.put(node, presence.getNode().getEpoch());
    names.put(node, presence.getNode().getName());
    for (Errand errand : List.copyOf(errands.values())) {
      if (!errand.isUnderWay() && record(errand).node().equals(node)) {
        go(errand);
      }
    }
  }

  /** The record stands in the book as DECIDED, or SENT by an earlier run. */
  void contain(String id) {
    go(begin(id, false));
  }

  /** As contain, unless it is on its way by now, or given up. */
  void containIfDecided(String id) {
    ContainmentRecord record = book.ledger().get(id);
    if (record.state() == ContainmentState.DECIDED
        && record.times().releaseAsked() == 0
        && !errands.containsKey(id)) {
      contain(id);
    }
  }

  void release(String id, CompletableFuture<ContainmentRecord> asked) {
    ContainmentRecord record = book.ledger().get(id);
    if (record == null) {
      asked.completeExceptionally(new ReleaseFailedException("there is no containment " + id));
      return;
    }
    if (record.state() == ContainmentState.WAITING) {
      asked.completeExceptionally(
          new ReleaseFailedException(
              "containment " + id + " waits for approval and is not in force: deny it"));
      return;
    }
    // A failed one may be half in force.
    if (!record.state().active() && record.state() != ContainmentState.FAILED) {
      asked.completeExceptionally(
          new ReleaseFailedException(
              "containment " + id + " is " + record.state() + ": " + record.reason()));
      return;
    }
    Errand errand = errands.get(id);
    if (errand != null && errand.release()) {
      errand.ask(asked);
      return;
    }
    if (errand != null) {
      errand.stop();
    }
    book.change(
        Steps.leaveOutAll(record, "a release was asked for", book.now())
            .with(record.state(), record.reason(), record.times().withReleaseAsked(book.now())));
    Errand release = begin(id, true);
    release.ask(asked);
    letGo(release);
  }

  private void letGo(Errand release) {
    release.hold();
    undoing.beforeRelease(release.id(), () -> go(release));
  }

  /** Whatever is on its way to its node or waits for it: decided, not yet sent, is given up. */
  void stop() {
    for (Errand errand : List.copyOf(errands.values())) {
      if (record(errand).state() == ContainmentState.DECIDED) {
        errand.stop();
        go(errand);
      }
    }
  }

  private Errand begin(String id, boolean release) {
    return begin(id, release, -1);
  }

  private Errand begin(String id, boolean release, int step) {
    Errand errand = new Errand(id, release, step);
    errands.put(id, errand);
    return errand;
  }

  private void go(Errand errand) {
    ContainmentRecord record = record(errand);
    if (record.state() == ContainmentState.DECIDED && !errand.release()) {
      String stopped = book.ledger().standing().whyStopped();
      if (stopped != null) {
        errands.remove(errand.id());
        end(record, ContainmentState.SKIPPED, stopped);
        return;
      }
    }
    if (errand.isStep() && book.ledger().standing().stopped()) {
      errands.remove(errand.id());
      stepEnded(errand, ResponseStep.State.LEFT_OUT, book.ledger().standing().whyStopped());
      return;
    }
    long now = book.now();
    long deadline = deadline(errand, record);
    if (now >= deadline) {
      tooLate(errand, record);
      return;
    }
    if (errand.isStep() && isOrchestrators(record, errand.step())) {
      goOutside(errand);
      return;
    }
    Long epoch = epochs.get(record.node());
    if (epoch == null) {
      // Goes on when the node comes, or ends when it does not.
      errand.rest(agenda.later(Duration.ofNanos(deadline - now), () -> go(errand)));
      return;
    }
    SignedCommand command =
        errand.release()
            ? commands.release(record, epoch, now)
            : errand.isStep()
                ? commands.step(record, errand.step(), epoch, now)
                : commands.contain(record, epoch, now);
    int attempt = errand.sent(epoch, commands.expiry(now));
    CompletableFuture<?> unused =
        nodes
            .send(command, record.node())
            .thenAccept(result -> agenda.add(() -> answered(errand, attempt, result)));
    if (record.state() == ContainmentState.DECIDED && !errand.release()) {
      book.change(
          record.with(ContainmentState.SENT, record.reason(), record.times().withSent(book.now())));
    }
  }

  private void goOutside(Errand errand) {
    ContainmentRecord record =
        book.changeBeforeActing(Steps.begun(record(errand), errand.step(), book.now()));
    int attempt = errand.sent(0, 0);
    StepOrder order = new StepOrder(record, errand.step(), names.getOrDefault(record.node(), ""));
    CompletableFuture<?> unused =
        runner
            .run(order)
            .exceptionally(failure -> StepResult.failed(failure.toString()))
            .thenAccept(result -> agenda.add(() -> answered(errand, attempt, result)));
  }

  private void answered(Errand errand, int attempt, StepResult result) {
    if (errands.get(errand.id()) != errand || !errand.isAnsweredBy(attempt)) {
      return; // A release has taken its place.
    }
    if (result.status() == StepResult.Status.AGAIN) {
      ContainmentRecord record = record(errand);
      if (!record.steps().get(errand.step()).getReason().equals(result.message())) {
        book.change(Steps.waiting(record, errand.step(), result.message()));
      }
      errand.rest(agenda.later(errand.pause(), () -> go(errand)));
      return;
    }
    errands.remove(errand.id());
    stepEnded(errand, Steps.state(result), result.message());
  }

  private void answered(Errand errand, int attempt, CommandResult result) {
    if (errands.get(errand.id()) != errand || !errand.isAnsweredBy(attempt)) {
      return; // A release has taken its place.
    }
    Status status = result.getStatus();
    boolean stale =
        status == Status.REFUSED
            && (errand.isExpired(book.now())
                || !errand.wasSentTo(epochs.get(record(errand).node())));
    if (stale || status == Status.UNREACHABLE || status == Status.STATUS_UNSPECIFIED) {
      errand.rest(agenda.later(errand.pause(), () -> go(errand)));
      return;
    }
    if (errand.isStep() && Steps.isUnderWay(result)) {
      errand.rest(agenda.later(errand.pause(), () -> go(errand)));
      return;
    }
    errands.remove(errand.id());
    if (errand.release()) {
      released(errand, result);
    } else if (errand.isStep()) {
      stepEnded(errand, Steps.state(result), Steps.reason(result));
    } else {
      contained(record(errand), result);
      goOn(record(errand));
    }
  }

  private void stepEnded(Errand errand, ResponseStep.State state, String reason) {
    ContainmentRecord record =
        book.change(Steps.ended(record(errand), errand.step(), state, reason, book.now()));
    if (record.state() == ContainmentState.IN_FORCE) {
      expireInTime(record); // It may have been due meanwhile.
    }
    goOn(record);
  }

  private static boolean isOrchestrators(ContainmentRecord record, int step) {
    return StepKind.of(record.steps().get(step)).place() == StepKind.Place.ORCHESTRATOR;
  }

  /** To the next step whose condition is met. */
  private void goOn(ContainmentRecord from) {
    ContainmentRecord record = from;
    while (record.hasStepsLeft()) {
      int step = Steps.next(record);
      String obstacle = Steps.obstacle(record, step, book.ledger().standing(), runner);
      if (obstacle == null) {
        go(begin(record.id(), false, step));
        return;
      }
      record =
          book.change(Steps.ended(record, step, ResponseStep.State.LEFT_OUT, obstacle, book.now()));
    }
    undoing.lookAt(record.id());
  }

  private void contained(ContainmentRecord record, CommandResult result) {
    switch (result.getStatus()) {
      case DONE -> done(record, result);
      case REFUSED -> end(record, ContainmentState.REFUSED, result.getMessage());
      default -> end(record, ContainmentState.FAILED, result.getMessage());
    }
  }

  private void done(ContainmentRecord record, CommandResult result) {
    for (Containment found : result.getContainmentsList()) {
      if (found.getId().equals(record.id())) {
        Times times = record.times().withVerified(found.getVerified(), found.getUntil());
        if (found.getCut() == record.cut() && found.getFrozen() == record.freeze()) {
          expireInTime(
              book.change(record.with(ContainmentState.IN_FORCE, "confirmed by the node", times)));
        } else {
          end(
              record,
              ContainmentState.FAILED,
              "the node says cut=" + found.getCut() + " frozen=" + found.getFrozen());
        }
        return;
      }
    }
    end(record, ContainmentState.EXPIRED, "was carried out, and is over already");
  }

  private void released(Errand errand, CommandResult result) {
    ContainmentRecord record = record(errand);
    if (result.getStatus() == Status.DONE) {
      errand.complete(end(record, ContainmentState.RELEASED, "released"));
      undoing.lookAt(record.id());
    } else {
      releaseFailed(errand, record, result.getStatus() + ": " + result.getMessage());
    }
  }

  private void tooLate(Errand errand, ContainmentRecord record) {
    errands.remove(errand.id());
    String why =
        epochs.containsKey(record.node())
            ? "the node did not answer in time"
            : "the node was not connected in time";
    if (errand.release()) {
      releaseFailed(errand, record, why);
    } else if (errand.isStep()) {
      stepEnded(errand, ResponseStep.State.FAILED, whyNotInTime(errand, record, why));
    } else {
      goOn(end(record, ContainmentState.FAILED, why));
    }
  }

  private static String whyNotInTime(Errand errand, ContainmentRecord record, String ofTheNode) {
    String hindrance = record.steps().get(errand.step()).getReason();
    return !isOrchestrators(record, errand.step())
        ? ofTheNode
        : hindrance.isEmpty() ? "not in time" : "not in time: " + hindrance;
  }

  /** What is in force stays so; what was on its way is given up, and may be half in force. */
  private void releaseFailed(Errand errand, ContainmentRecord record, String why) {
    ContainmentRecord left =
        book.change(
            record.with(
                record.state() == ContainmentState.IN_FORCE
                    ? ContainmentState.IN_FORCE
                    : ContainmentState.FAILED,
                "could not be released: " + why,
                record.times().withReleaseAsked(0)));
    if (left.state() == ContainmentState.IN_FORCE) {
      expireInTime(left);
    }
    errand.fail(
        new ReleaseFailedException("containment " + record.id() + " is not released: " + why));
  }

  private ContainmentRecord end(ContainmentRecord record, ContainmentState state, String reason) {
    return book.change(record.with(state, reason, record.times().withEnded(book.now())));
  }

  /** The node ends it by itself; here it is only written down. */
  private void expireInTime(ContainmentRecord record) {
    Duration left = Duration.ofNanos(record.times().until() - book.now()).plus(EXPIRY_GRACE);
    Future<?> unused = agenda.later(left, () -> expire(record.id()));
  }

  private void expire(String id) {
    ContainmentRecord record = book.ledger().get(id);
    if (record != null && record.state() == ContainmentState.IN_FORCE && !errands.containsKey(id)) {
      end(record, ContainmentState.EXPIRED, "its time was over");
      undoing.lookAt(id);
    }
  }

  private ContainmentRecord record(Errand errand) {
    return book.ledger().get(errand.id());
  }

  private static long deadline(Errand errand, ContainmentRecord record) {
    return errand.release()
        ? record.times().releaseAsked() + RELEASE_LIMIT.toNanos()
        : record.times().actBefore();
  }
}
