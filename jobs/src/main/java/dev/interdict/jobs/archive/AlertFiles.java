package dev.interdict.jobs.archive;

import dev.interdict.schema.Alert;
import dev.interdict.storage.AlertParquetWriter;
import java.io.IOException;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;

/** Gives the file sink a Parquet writer for each file of alerts. */
final class AlertFiles implements BulkWriter.Factory<Alert> {
  private static final long serialVersionUID = 1;

  @Override
  public BulkWriter<Alert> create(FSDataOutputStream out) throws IOException {
    AlertParquetWriter writer = AlertParquetWriter.open(out);
    return new BulkWriter<>() {
      @Override
      public void addElement(Alert alert) throws IOException {
        writer.append(alert);
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
