package dev.interdict.storage;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
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

  /**
   * Native contexts that nobody uses now. One holds more than a megabyte and many files are open,
   * so that it is taken for a page only.
   */
  private static final class Contexts {
    private static final BlockingQueue<ZstdCompressCtx> IDLE =
        new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());

    static ZstdCompressCtx take() {
      ZstdCompressCtx idle = IDLE.poll();
      return idle == null ? new ZstdCompressCtx().setLevel(LEVEL) : idle;
    }

    static void giveBack(ZstdCompressCtx context) {
      if (!IDLE.offer(context)) {
        context.close();
      }
    }
  }

  private static final class Compressor implements CompressionCodecFactory.BytesInputCompressor {
    private final Page page = new Page();

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      page.reset();
      bytes.writeAllTo(page);
      byte[] packed = new byte[(int) Zstd.compressBound(page.size())];
      ZstdCompressCtx context = Contexts.take();
      try {
        int length =
            context.compressByteArray(packed, 0, packed.length, page.array(), 0, page.size());
        return BytesInput.from(packed, 0, length);
      } finally {
        Contexts.giveBack(context);
      }
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.ZSTD;
    }

    @Override
    public void release() {}
  }

  private static final class Page extends ByteArrayOutputStream {
    byte[] array() {
      return buf;
    }
  }
}
