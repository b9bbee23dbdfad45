package dev.interdict.response;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Does under each key what it is asked for once, as one that looks at its objects does. */
final class FakeOrchestrator implements Orchestrator, StepRunner {
  private final List<String> asked = new ArrayList<>();
  private final List<String> carriedOut = new ArrayList<>();
  private final Set<String> inForce = new LinkedHashSet<>();
  private Workloads workloads = Workloads.NONE;
  private Function<StepOrder, StepResult> behaviour = this::carryOut;
  private Function<StepOrder, StepResult> undoing = this::takeBack;

  @Override
  public Workloads workloads() {
    return workloads;
  }

  synchronized void know(Workloads value) {
    workloads = value;
  }

  @Override
  public StepRunner steps() {
    return this;
  }

  /** Null: no answer ever comes. */
  synchronized void behave(Function<StepOrder, StepResult> value) {
    behaviour = value;
  }

  synchronized void behaveUndoing(Function<StepOrder, StepResult> value) {
    undoing = value;
  }

  /** Each time it was asked: orphan, undo orphan. */
  synchronized List<String> asked() {
    return List.copyOf(asked);
  }

  synchronized List<String> carriedOut() {
    return List.copyOf(carriedOut);
  }

  synchronized Set<String> inForce() {
    return Set.copyOf(inForce);
  }

  @Override
  public String obstacle(StepKind kind) {
    return null;
  }

  @Override
  public synchronized CompletableFuture<StepResult> run(StepOrder order) {
    asked.add(order.kind().text());
    return answer(behaviour.apply(order));
  }

  @Override
  public synchronized CompletableFuture<StepResult> undo(StepOrder order) {
    asked.add("undo " + order.kind().text());
    return answer(undoing.apply(order));
  }

  synchronized StepResult carryOut(StepOrder order) {
    if (!carriedOut.contains(order.key())) {
      carriedOut.add(order.key());
      inForce.add(order.key());
    }
    return StepResult.done("");
  }

  synchronized StepResult takeBack(StepOrder order) {
    inForce.remove(order.key());
    return StepResult.done("");
  }

  private static CompletableFuture<StepResult> answer(StepResult result) {
    return result == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(result);
  }
}
