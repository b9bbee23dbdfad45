package dev.interdict.response;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** The cluster around a responder: what it knows, what it is shown, and what people order there. */
public interface Orchestrator {
  Orchestrator NONE = new Orchestrator() {};

  default Workloads workloads() {
    return Workloads.NONE;
  }

  default StepRunner steps() {
    return StepRunner.NONE;
  }

  /**
   * Shows an intent that is on the disk. It is carried out when this completes, in whatever way, or
   * after a moment: an orchestrator that is away does not stop a containment. On the responder's
   * thread: it must not block.
   */
  default CompletableFuture<?> show(ContainmentRecord intent) {
    return CompletableFuture.completedFuture(null);
  }

  /** The log is read, and no alert is taken yet. */
  default void opened(Responder responder) throws IOException {}
}
