package dev.interdict.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes one Parquet file of the events table. Belongs to one thread; the stream belongs to the
 * caller.
 */
public final class EventParquetWriter {
  /**
   * Positions are counted from the first byte written here: the stream must be at its beginning.
   */
  public static EventParquetWriter open(OutputStream out) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** The bytes are an encoded Event; they are copied and may be reused after the call. */
  public void append(
      long nodeHi, long nodeLo, long epoch, long sequence, byte[] event, int offset, int length)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Hands what is encoded so far to the stream; the file can be read only after {@link #finish}.
   */
  public void flush() throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Writes the footer and flushes the stream, which stays open. */
  public void finish() throws IOException {
    throw new UnsupportedOperationException();
  }

  public long rows() {
    throw new UnsupportedOperationException();
  }

  /** Bytes in the file and in the buffers, for a rolling policy. */
  public long dataSize() {
    throw new UnsupportedOperationException();
  }
}
