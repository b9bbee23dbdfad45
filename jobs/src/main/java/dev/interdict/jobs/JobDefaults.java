package dev.interdict.jobs;

import dev.interdict.jobs.source.BackplaneSource;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeEventSerializer;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What both jobs need of Flink, whoever submits them. */
final class JobDefaults {
  private JobDefaults() {}

  /**
   * @param checkpointInterval where the cluster's configuration says none
   */
  static void apply(
      StreamExecutionEnvironment env, int maxParallelism, Duration checkpointInterval) {
    env.setMaxParallelism(maxParallelism);
    Configuration settings = new Configuration();
    settings.set(PipelineOptions.OBJECT_REUSE, true);
    // A class without a serializer of its own must fail here, not slow everything down.
    settings.set(PipelineOptions.GENERIC_TYPES, false);
    if (env.getConfiguration().getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL).isEmpty()) {
      settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
    }
    env.configure(settings);
  }

  static DataStream<NodeEvent> events(StreamExecutionEnvironment env, BackplaneSource source) {
    return env.fromSource(
            source,
            WatermarkStrategy.noWatermarks(),
            "nodes",
            ImmutableType.of(NodeEvent.class, NodeEventSerializer.INSTANCE))
        .uid("nodes");
  }
}
