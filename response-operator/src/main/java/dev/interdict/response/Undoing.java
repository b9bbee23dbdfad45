package dev.interdict.response;

import dev.interdict.schema.ResponseStep;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Takes back, the last first, what the steps of a containment did: most of it when the containment
 * is over, and shortly before that what must not outlive it. The responder's thread only.
 */
final class Undoing {
  private static final Duration LONGEST_LEAD = Duration.ofSeconds(10);
  private static final Duration LIMIT = Duration.ofDays(1);

  private final Agenda agenda;
  private final Book book;
  private final StepRunner runner;
  private final Map<String, Errand> errands = new HashMap<>();

  Undoing(Agenda agenda, Book book, StepRunner runner) {
    this.agenda = agenda;
    this.book = book;
    this.runner = runner;
  }

  /** Takes back what is due by now, and looks again when more will be. */
  void lookAt(String id) {
    ContainmentRecord record = book.ledger().get(id);
    if (record == null || errands.containsKey(id) || Steps.nextUndo(record, false) < 0) {
      return;
    }
    if (record.state() == ContainmentState.IN_FORCE) {
      if (Steps.nextUndo(record, true) >= 0 && record.times().releaseAsked() == 0) {
        lookLater(record, record.times().until() - lead(record), true);
      }
    } else if (!record.state().active() && !record.hasStepsLeft()) {
      lookLater(record, due(record), false);
    }
  }

  /**
   * Before the node is asked to let go. Tries once: a release that a person asks for does not wait
   * for an orchestrator that is away.
   */
  void beforeRelease(String id, Runnable release) {
    ContainmentRecord record = book.ledger().get(id);
    int step = Steps.nextUndo(record, true);
    if (step < 0 || errands.containsKey(id)) {
      release.run();
      return;
    }
    Errand errand = new Errand(id, true, step);
    errands.put(id, errand);
    ask(
        errand,
        result -> {
          errands.remove(id);
          if (result.status() == StepResult.Status.AGAIN) {
            release.run(); // It is due again once the node has let go.
          } else {
            ended(id, step, result);
            beforeRelease(id, release);
          }
        });
  }

  private void lookLater(ContainmentRecord record, long time, boolean early) {
    long left = time - book.now();
    if (left > 0) {
      Future<?> unused = agenda.later(Duration.ofNanos(left), () -> lookAt(record.id()));
      return;
    }
    Errand errand = new Errand(record.id(), true, Steps.nextUndo(record, early));
    errands.put(record.id(), errand);
    go(errand);
  }

  private void go(Errand errand) {
    ask(errand, result -> answered(errand, result));
  }

  private void ask(Errand errand, Consumer<StepResult> then) {
    errand.sent(0, 0);
    StepOrder order = new StepOrder(book.ledger().get(errand.id()), errand.step(), "");
    CompletableFuture<?> unused =
        runner
            .undo(order)
            .exceptionally(failure -> StepResult.failed(failure.toString()))
            .thenAccept(result -> agenda.add(() -> then.accept(result)));
  }

  private void answered(Errand errand, StepResult result) {
    String id = errand.id();
    ContainmentRecord record = book.ledger().get(id);
    if (result.status() == StepResult.Status.AGAIN) {
      if (book.now() < giveUp(record)) {
        errand.rest(agenda.later(errand.pause(), () -> go(errand)));
        return;
      }
      ended(id, errand.step(), StepResult.failed("not in time: " + result.message()));
    } else {
      ended(id, errand.step(), result);
    }
    errands.remove(id);
    lookAt(id);
  }

  private void ended(String id, int step, StepResult result) {
    book.change(Steps.undone(book.ledger().get(id), step, result, book.now()));
  }

  /** What never was in force lasts as long as if it had been. */
  private static long due(ContainmentRecord record) {
    if (record.state() == ContainmentState.RELEASED || record.state() == ContainmentState.EXPIRED) {
      return 0;
    }
    long last = 0;
    for (ResponseStep step : record.steps()) {
      last = Math.max(last, step.getEnded());
    }
    return last + record.ttl().toNanos();
  }

  private static long giveUp(ContainmentRecord record) {
    long end = Math.max(record.times().ended(), record.times().until());
    return Math.max(end, due(record)) + LIMIT.toNanos();
  }

  private static long lead(ContainmentRecord record) {
    return Math.min(LONGEST_LEAD.toNanos(), record.ttl().toNanos() / 4);
  }
}
