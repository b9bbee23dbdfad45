package dev.interdict.jobs;

import dev.interdict.jobs.archive.ArchiveSink;
import dev.interdict.jobs.source.BackplaneSource;
import dev.interdict.jobs.source.BusStreams;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeStreams;
import dev.interdict.jobs.source.SourceSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Every event of every node into Parquet, exactly once. */
public final class ArchiveJob {
  public static final String NAME = "interdict-archive";

  /** Each ends as many files as there are partitions open. */
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofMinutes(1);

  private ArchiveJob() {}

  public static void main(String[] args) throws Exception {
    JobArguments arguments = JobArguments.parse(args, "table");
    ArchiveConfig config =
        new ArchiveConfig(
            arguments.bus(),
            URI.create(arguments.required("table")),
            arguments.start(),
            arguments.get("consumer", ArchiveConfig.DEFAULT_CONSUMER),
            arguments.maxParallelism());
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    build(env, config);
    env.execute(NAME);
  }

  public static void build(StreamExecutionEnvironment env, ArchiveConfig config) {
    build(env, config, BusStreams.dialer(config.bus()), UnaryOperator.identity());
  }

  /**
   * @param between what a test puts behind the source
   */
  static void build(
      StreamExecutionEnvironment env,
      ArchiveConfig config,
      NodeStreams.Dialer streams,
      UnaryOperator<DataStream<NodeEvent>> between) {
    JobDefaults.apply(env, config.maxParallelism(), CHECKPOINT_INTERVAL);
    SourceSettings source =
        new SourceSettings(
            streams,
            config.consumer(),
            Set.of(),
            config.start(),
            config.maxParallelism(),
            false,
            SourceSettings.DEFAULT_CREDIT_BYTES,
            null);
    between
        .apply(JobDefaults.events(env, new BackplaneSource(source)))
        .sinkTo(ArchiveSink.to(config.table()))
        .name("parquet")
        .uid("parquet");
  }
}
