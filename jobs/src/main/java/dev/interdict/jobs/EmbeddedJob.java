package dev.interdict.jobs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job of an embedded cluster. Any thread. */
public final class EmbeddedJob {
  private static final long POLL_MILLIS = 5;

  private final MiniCluster cluster;
  private final JobID id;
  private final String name;
  private final Path savepoints;

  EmbeddedJob(MiniCluster cluster, JobID id, String name, Path savepoints) {
    this.cluster = cluster;
    this.id = id;
    this.name = name;
    this.savepoints = savepoints;
  }

  /** Returns when every task runs. */
  public void awaitRunning(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      AccessExecutionGraph graph = get(cluster.getExecutionGraph(id), timeout, "state");
      if (graph.getState().isTerminalState()) {
        throw new IOException("job " + name + " is " + graph.getState() + reason(graph));
      }
      if (running(graph)) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "job " + name + " is not running after " + timeout.toMillis() + " ms" + reason(graph));
      }
      pause();
    }
  }

  private static boolean running(AccessExecutionGraph graph) {
    if (graph.getState() != JobStatus.RUNNING) {
      return false;
    }
    for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
      if (vertex.getExecutionState() != ExecutionState.RUNNING) {
        return false;
      }
    }
    return true;
  }

  private static String reason(AccessExecutionGraph graph) {
    ErrorInfo failure = graph.getFailureInfo();
    return failure == null ? "" : ": " + failure.getException().getMessage();
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Takes a checkpoint now and returns its path. */
  public String awaitCheckpoint(Duration timeout) throws IOException {
    return get(cluster.triggerCheckpoint(id), timeout, "checkpoint");
  }

  /**
   * Stops after a savepoint and returns its path. What was emitted before it is committed then: all
   * files of the archive are complete.
   */
  public String stop(Duration timeout) throws IOException {
    String path =
        get(
            cluster.stopWithSavepoint(
                id, savepoints.toUri().toString(), false, SavepointFormatType.CANONICAL),
            timeout,
            "savepoint");
    get(cluster.requestJobResult(id), timeout, "end");
    return path;
  }

  public void cancel(Duration timeout) throws IOException {
    get(cluster.cancelJob(id), timeout, "cancellation");
    get(cluster.requestJobResult(id), timeout, "end");
  }

  /** Cancels the job unless it has ended by itself. */
  void end(Duration timeout) throws IOException {
    if (!get(cluster.getJobStatus(id), timeout, "state").isGloballyTerminalState()) {
      cancel(timeout);
    }
  }

  /** How Flink calls the job's state, such as RUNNING or RESTARTING. */
  public String state(Duration timeout) throws IOException {
    return get(cluster.getJobStatus(id), timeout, "state").name();
  }

  private <T> T get(CompletableFuture<T> future, Duration timeout, String what) throws IOException {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          what + " of job " + name + " failed: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(
          "no " + what + " of job " + name + " after " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
