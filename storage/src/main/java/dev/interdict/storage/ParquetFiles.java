package dev.interdict.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;

/**
 * How every file of the archive is laid out. No class of Hadoop is loaded: its {@code
 * Configuration} stands in signatures of Parquet only.
 */
final class ParquetFiles {
  /** In the footer of every file: a file without it is foreign. */
  static final String TABLE_KEY = "interdict.table";

  static final String SCHEMA_KEY = "interdict.schema";

  /** Bounds what an open file holds in memory. */
  private static final long ROW_GROUP_BYTES = 32L << 20;

  /** A row group is the unit that a reader skips by statistics and gives to one thread. */
  private static final int ROW_GROUP_ROWS = 128 << 10;

  private static final int PAGE_ROWS = 20_000;

  /** The largest of a few candidates, of which the smallest that fits the values is written. */
  private static final int BLOOM_BYTES = 32 << 10;

  private static final int BLOOM_SIZES = 4;
  private static final double BLOOM_FALSE_POSITIVES = 0.01;

  private ParquetFiles() {}

  /**
   * The bloom filter of a column is written only where its dictionary grew too large to serve as
   * the exact filter. Ascending columns would only fill one. Readers without the encodings of
   * Parquet 2.0 are many, Flink's among them.
   */
  static <T> ParquetWriter<T> open(
      OutputStream out,
      MessageType schema,
      WriteSupport<T> rows,
      List<String> bloomed,
      List<String> ascending)
      throws IOException {
    Builder<T> builder =
        new Builder<>(new StreamFile(out), rows)
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(new ZstdPages())
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withWriterVersion(WriterVersion.PARQUET_1_0)
            .withDictionaryEncoding(true)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withRowGroupRowCountLimit(ROW_GROUP_ROWS)
            .withPageRowCountLimit(PAGE_ROWS)
            .withAdaptiveBloomFilterEnabled(true)
            .withMaxBloomFilterBytes(BLOOM_BYTES)
            .withSizeStatisticsEnabled(false); // no reader of ours asks for them, each value pays
    for (ColumnDescriptor column : schema.getColumns()) {
      if (column.getMaxRepetitionLevel() > 0) {
        builder.withStatisticsEnabled(String.join(".", column.getPath()), false);
      }
    }
    for (String column : ascending) {
      builder.withDictionaryEncoding(column, false);
    }
    for (String column : bloomed) {
      builder
          .withBloomFilterEnabled(column, true)
          .withBloomFilterCandidateNumber(column, BLOOM_SIZES)
          .withBloomFilterFPP(column, BLOOM_FALSE_POSITIVES);
    }
    return builder.build();
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final WriteSupport<T> rows;

    Builder(OutputFile file, WriteSupport<T> rows) {
      super(file);
      this.rows = rows;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Deprecated // in Parquet too, but still abstract there
    @Override
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return rows;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
      return rows;
    }
  }

  private record StreamFile(OutputStream out) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new CountedStream(out);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return create(blockSizeHint);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  /** Closing it flushes the stream and leaves it to its owner. */
  private static final class CountedStream extends PositionOutputStream {
    private final OutputStream out;
    private long position;

    CountedStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      position += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.flush();
    }
  }
}
