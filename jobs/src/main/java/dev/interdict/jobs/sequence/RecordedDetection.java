package dev.interdict.jobs.sequence;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeKey;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackendBuilder;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSetFactory;
import org.apache.flink.runtime.state.metrics.LatencyTrackingStateConfig;
import org.apache.flink.runtime.state.metrics.SizeTrackingStateConfig;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/**
 * The live job's {@link Detector} on Flink's heap state, fed by the caller instead of by a task. It
 * starts at once and holds partial matches only, however long the recording. One thread.
 */
public final class RecordedDetection implements AutoCloseable {
  private static final KeyGroupRange ONE_GROUP = new KeyGroupRange(0, 0);

  private final HeapKeyedStateBackend<NodeId> backend;
  private final Detector detector;

  /**
   * @param informational whether rules of that level, which never alert live, are told of
   * @param found called by {@link #process}
   */
  public RecordedDetection(RuleSet rules, boolean informational, Consumer<Alert> found)
      throws IOException {
    backend =
        new HeapKeyedStateBackendBuilder<>(
                null,
                NodeKey.SERIALIZER,
                RecordedDetection.class.getClassLoader(),
                1,
                ONE_GROUP,
                new ExecutionConfig(),
                TtlTimeProvider.DEFAULT,
                LatencyTrackingStateConfig.disabled(),
                SizeTrackingStateConfig.disabled(),
                List.of(),
                UncompressedStreamCompressionDecorator.INSTANCE,
                LocalRecoveryConfig.BACKUP_AND_RECOVERY_DISABLED,
                new HeapPriorityQueueSetFactory(ONE_GROUP, 1, 128),
                true,
                new CloseableRegistry())
            .build();
    try {
      detector = new Detector(rules, informational, backend, new KeyedStore(backend), null, found);
    } catch (Exception e) { // declared so by Flink
      throw new IOException("cannot make the detector's state: " + e.getMessage(), e);
    }
  }

  /** Events of a node come in the order in which they were recorded. */
  public void process(NodeEvent event) throws IOException {
    backend.setCurrentKey(event.node());
    try {
      detector.process(event);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) { // declared so by Flink
      throw new IOException("cannot decide " + event + ": " + e.getMessage(), e);
    }
  }

  /** Events whose bytes could not be read. */
  public long malformed() {
    return detector.malformed();
  }

  /** Partial matches given up because of a limit. */
  public long shed() {
    return detector.shed();
  }

  /** Join keys that have a partial match. */
  public long openKeys() {
    return detector.openKeys();
  }

  @Override
  public void close() throws IOException {
    backend.dispose();
  }
}
