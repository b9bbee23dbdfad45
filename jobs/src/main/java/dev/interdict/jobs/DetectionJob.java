package dev.interdict.jobs;

import dev.interdict.jobs.alert.AlertOutlet;
import dev.interdict.jobs.alert.AlertSerializer;
import dev.interdict.jobs.alert.AlertSink;
import dev.interdict.jobs.alert.AlertStage;
import dev.interdict.jobs.archive.ArchiveSink;
import dev.interdict.jobs.rules.RuleOrigin;
import dev.interdict.jobs.sequence.DetectionOperator;
import dev.interdict.jobs.source.BackplaneSource;
import dev.interdict.jobs.source.BusStreams;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.jobs.source.NodeKey;
import dev.interdict.jobs.source.NodeStreams;
import dev.interdict.jobs.source.SourceSettings;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Source, detection and alert sink in one chain for each subtask: no event crosses the network
 * between them, and a subtask that fails restarts alone.
 */
public final class DetectionJob {
  public static final String NAME = "interdict-detection";
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(10);

  private DetectionJob() {}

  public static void main(String[] args) throws Exception {
    JobArguments arguments = JobArguments.parse(args, "rules", "reload", "alert-table");
    RuleOrigin rules = RuleOrigin.parse(arguments.get("rules", "builtin"));
    String table = arguments.get("alert-table", null);
    DetectionConfig config =
        new DetectionConfig(
            arguments.bus(),
            rules.load(),
            arguments.start(),
            arguments.get("consumer", DetectionConfig.DEFAULT_CONSUMER),
            arguments.maxParallelism(),
            null,
            rules,
            arguments.reload(),
            null,
            table == null ? null : URI.create(table));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    build(env, config);
    env.execute(NAME);
  }

  public static void build(StreamExecutionEnvironment env, DetectionConfig config) {
    build(
        env,
        config,
        BusStreams.dialer(config.bus()),
        AlertOutlet.bus(config.bus(), config.consumer()),
        UnaryOperator.identity());
  }

  /**
   * @param between what a test puts behind the source
   */
  static void build(
      StreamExecutionEnvironment env,
      DetectionConfig config,
      NodeStreams.Dialer streams,
      AlertOutlet.Dialer outlet,
      UnaryOperator<DataStream<NodeEvent>> between) {
    JobDefaults.apply(env, config.maxParallelism(), CHECKPOINT_INTERVAL);
    SourceSettings source =
        new SourceSettings(
            streams,
            config.consumer(),
            Set.of(),
            config.start(),
            config.maxParallelism(),
            true,
            SourceSettings.DEFAULT_CREDIT_BYTES,
            config.feed());
    DataStream<NodeEvent> events =
        between.apply(JobDefaults.events(env, new BackplaneSource(source)));
    DataStream<Alert> findings =
        DataStreamUtils.reinterpretAsKeyedStream(events, NodeEvent::node, NodeKey.TYPE)
            .transform(
                "detect",
                AlertSerializer.TYPE,
                new DetectionOperator(config.rules(), config.progress()))
            .uid("detect");
    DataStream<Alert> alerts =
        DataStreamUtils.reinterpretAsKeyedStream(
                findings, alert -> NodeId.parse(alert.getEntity().getNode()), NodeKey.TYPE)
            .process(new AlertStage(), AlertSerializer.TYPE)
            .name("fold")
            .uid("fold");
    alerts
        .sinkTo(new AlertSink(outlet, AlertSink.DEFAULT_BACKLOG, AlertSink.DEFAULT_RETRY))
        .name("alerts")
        .uid("alerts");
    if (config.alertTable() != null) {
      alerts
          .sinkTo(ArchiveSink.alerts(config.alertTable()))
          .name("alert parquet")
          .uid("alert-parquet");
    }
  }
}
