package dev.interdict.storage;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
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
    private final Page page = new Page();
    private ZstdCompressCtx context;

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      if (context == null) {
        context = new ZstdCompressCtx().setLevel(LEVEL);
      }
      page.reset();
      bytes.writeAllTo(page);
      byte[] packed = new byte[(int) Zstd.compressBound(page.size())];
      int length =
          context.compressByteArray(packed, 0, packed.length, page.array(), 0, page.size());
      return BytesInput.from(packed, 0, length);
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

  private static final class Page extends ByteArrayOutputStream {
    byte[] array() {
      return buf;
    }
  }
}
