package dev.interdict.jobs.archive;

import dev.interdict.schema.Alert;
import dev.interdict.storage.Partition;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/** One directory for each day, by the time of the alert's event. */
final class AlertBuckets implements BucketAssigner<Alert, String> {
  private static final long serialVersionUID = 1;

  @Override
  public String getBucketId(Alert alert, Context context) {
    return Partition.date(alert.getTime());
  }

  @Override
  public SimpleVersionedSerializer<String> getSerializer() {
    return SimpleVersionedStringSerializer.INSTANCE;
  }
}
