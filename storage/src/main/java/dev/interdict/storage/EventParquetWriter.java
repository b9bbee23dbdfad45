package dev.interdict.storage;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.parquet.hadoop.ParquetWriter;

/**
 * Writes one Parquet file of the events table. Belongs to one thread; the stream belongs to the
 * caller. The file can be read only after {@link #finish}.
 */
public final class EventParquetWriter {
  /** Time and kind, with which every event begins. */
  private static final int MIN_EVENT = 11;

  private final OutputStream out;
  private final ParquetWriter<EventRow> parquet;
  private final EventRow row = new EventRow();
  private long rows;

  private EventParquetWriter(OutputStream out, ParquetWriter<EventRow> parquet) {
    this.out = out;
    this.parquet = parquet;
  }

  /**
   * Positions are counted from the first byte written here: the stream must be at its beginning.
   */
  public static EventParquetWriter open(OutputStream out) throws IOException {
    return new EventParquetWriter(out, ArchiveTable.EVENTS.open(out, new EventRowWriter()));
  }

  /**
   * The bytes are an encoded Event; they are copied and may be reused after the call. An event that
   * cannot be read beyond its time and kind is kept as bytes in the column {@code raw}.
   */
  public void append(
      long nodeHi, long nodeLo, long epoch, long sequence, byte[] event, int offset, int length)
      throws IOException {
    if (length < MIN_EVENT) {
      throw new IOException(
          "event without time and kind: sequence=" + sequence + " length=" + length);
    }
    row.wrap(nodeHi, nodeLo, epoch, sequence, event, offset, length);
    parquet.write(row);
    rows++;
  }

  /** Hands what is encoded so far to the operating system; the rest waits for its row group. */
  public void flush() throws IOException {
    out.flush();
  }

  /** Writes the footer and flushes the stream, which stays open. */
  public void finish() throws IOException {
    parquet.close();
  }

  public long rows() {
    return rows;
  }

  /** Bytes in the file and in the buffers, for a rolling policy. */
  public long dataSize() {
    return parquet.getDataSize();
  }
}
