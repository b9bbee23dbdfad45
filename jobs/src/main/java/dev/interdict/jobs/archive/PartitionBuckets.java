package dev.interdict.jobs.archive;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.storage.Partition;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;

/** One directory for each hour and group of nodes, by the event's own time. */
final class PartitionBuckets implements BucketAssigner<NodeEvent, String> {
  private static final long serialVersionUID = 1;

  private transient Partition partition;

  @Override
  public String getBucketId(NodeEvent event, Context context) {
    if (partition == null) {
      partition = new Partition();
    }
    return partition.path(event.time(), event.node().hi());
  }

  @Override
  public SimpleVersionedSerializer<String> getSerializer() {
    return SimpleVersionedStringSerializer.INSTANCE;
  }
}
