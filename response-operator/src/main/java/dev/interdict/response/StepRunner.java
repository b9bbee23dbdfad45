package dev.interdict.response;

import java.util.concurrent.CompletableFuture;

/**
 * Carries out what is not a node's: the orchestrator's side of a response. Any thread. What is
 * returned completes on any, and never exceptionally. A step whose key it finds carried out is not
 * done again, and orders of one containment are done one after the other.
 */
public interface StepRunner {
  /** A host by itself. */
  StepRunner NONE =
      new StepRunner() {
        private static final String WHY = "there is no Kubernetes here";

        @Override
        public String obstacle(StepKind kind) {
          return WHY;
        }

        @Override
        public CompletableFuture<StepResult> run(StepOrder order) {
          return CompletableFuture.completedFuture(StepResult.refused(WHY));
        }

        @Override
        public CompletableFuture<StepResult> undo(StepOrder order) {
          return CompletableFuture.completedFuture(StepResult.refused(WHY));
        }
      };

  /** Why nothing of the kind can be done here; null if it can. Does not block. */
  String obstacle(StepKind kind);

  CompletableFuture<StepResult> run(StepOrder order);

  /** Done as well where nothing is found that the step did. */
  CompletableFuture<StepResult> undo(StepOrder order);
}
