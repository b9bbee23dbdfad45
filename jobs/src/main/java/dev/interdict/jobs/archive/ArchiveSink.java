package dev.interdict.jobs.archive;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.storage.Catalog;
import java.net.URI;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/** Files are hidden until the checkpoint that holds their positions is complete. */
public final class ArchiveSink {
  private ArchiveSink() {}

  public static FileSink<NodeEvent> to(URI table) {
    return FileSink.forBulkFormat(new Path(table), new ParquetFiles())
        .withBucketAssigner(new PartitionBuckets())
        .withRollingPolicy(OnCheckpointRollingPolicy.build())
        .withOutputFileConfig(
            OutputFileConfig.builder()
                .withPartPrefix(Catalog.FILE_PREFIX)
                .withPartSuffix(Catalog.FILE_SUFFIX)
                .build())
        .build();
  }
}
