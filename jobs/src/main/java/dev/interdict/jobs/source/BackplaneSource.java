package dev.interdict.jobs.source;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The events of all nodes, exactly once into the job's state. The stream may be reinterpreted as
 * keyed by node, because splits follow the key groups; so on recovery they go back to the
 * enumerator instead of to whichever subtask Flink would pick.
 */
public final class BackplaneSource
    implements Source<NodeEvent, NodeSplit, EnumeratorState>, SupportsSplitReassignmentOnRecovery {
  private static final long serialVersionUID = 1;

  private final SourceSettings settings;

  public BackplaneSource(SourceSettings settings) {
    this.settings = settings;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SplitEnumerator<NodeSplit, EnumeratorState> createEnumerator(
      SplitEnumeratorContext<NodeSplit> context) {
    return restoreEnumerator(context, EnumeratorState.EMPTY);
  }

  @Override
  public SplitEnumerator<NodeSplit, EnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<NodeSplit> context, EnumeratorState state) {
    return new BackplaneEnumerator(context, settings, state);
  }

  @Override
  public SourceReader<NodeEvent, NodeSplit> createReader(SourceReaderContext context) {
    return new BackplaneReader(context, settings);
  }

  @Override
  public SimpleVersionedSerializer<NodeSplit> getSplitSerializer() {
    return NodeSplitSerializer.INSTANCE;
  }

  @Override
  public SimpleVersionedSerializer<EnumeratorState> getEnumeratorCheckpointSerializer() {
    return EnumeratorState.Serializer.INSTANCE;
  }
}
