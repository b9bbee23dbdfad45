package dev.interdict.jobs.archive;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.Alert;
import dev.interdict.storage.Catalog;
import java.net.URI;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;

/** Files are hidden until the checkpoint that holds their positions is complete. */
public final class ArchiveSink {
  private ArchiveSink() {}

  public static FileSink<NodeEvent> to(URI table) {
    return sink(table, new ParquetFiles(), new PartitionBuckets());
  }

  /** What an alert grew to is another row with the same id. */
  public static FileSink<Alert> alerts(URI table) {
    return sink(table, new AlertFiles(), new AlertBuckets());
  }

  private static <T> FileSink<T> sink(
      URI table, BulkWriter.Factory<T> files, BucketAssigner<T, String> buckets) {
    return FileSink.forBulkFormat(new Path(table), files)
        .withBucketAssigner(buckets)
        .withRollingPolicy(new OpenFiles<>())
        .withBucketCheckInterval(OpenFiles.INTERVAL_MILLIS)
        .withOutputFileConfig(
            OutputFileConfig.builder()
                .withPartPrefix(Catalog.FILE_PREFIX)
                .withPartSuffix(Catalog.FILE_SUFFIX)
                .build())
        .build();
  }
}
