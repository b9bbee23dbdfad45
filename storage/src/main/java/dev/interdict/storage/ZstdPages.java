package dev.interdict.storage;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Compresses pages with zstd; Parquet's own codec of that name needs Hadoop. */
final class ZstdPages implements CompressionCodecFactory {
  private static final int LEVEL = 3;

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return new Compressor();
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    throw new UnsupportedOperationException("pages are written here and read by DuckDB");
  }

  @Override
  public void release() {}

  /** Takes its native context when the first page is full, for many open files stay small. */
  private static final class Compressor implements CompressionCodecFactory.BytesInputCompressor {
    private ZstdCompressCtx context;

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      if (context == null) {
        context = new ZstdCompressCtx().setLevel(LEVEL);
      }
      return BytesInput.from(context.compress(bytes.toByteArray()));
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.ZSTD;
    }

    @Override
    public void release() {
      if (context != null) {
        context.close();
        context = null;
      }
    }
  }
}
