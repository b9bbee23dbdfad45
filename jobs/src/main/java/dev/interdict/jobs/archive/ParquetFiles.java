package dev.interdict.jobs.archive;

import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.storage.EventParquetWriter;
import java.io.IOException;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;

/** Gives the file sink a Parquet writer for each file. */
final class ParquetFiles implements BulkWriter.Factory<NodeEvent> {
  private static final long serialVersionUID = 1;

  @Override
  public BulkWriter<NodeEvent> create(FSDataOutputStream out) throws IOException {
    EventParquetWriter writer = EventParquetWriter.open(out);
    return new BulkWriter<>() {
      @Override
      public void addElement(NodeEvent event) throws IOException {
        byte[] body = event.body();
        writer.append(
            event.node().hi(),
            event.node().lo(),
            event.epoch(),
            event.sequence(),
            body,
            0,
            body.length);
      }

      @Override
      public void flush() throws IOException {
        writer.flush();
      }

      @Override
      public void finish() throws IOException {
        writer.finish();
      }
    };
  }
}
