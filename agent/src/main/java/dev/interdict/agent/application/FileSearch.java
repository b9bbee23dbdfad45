package dev.interdict.agent.application;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/** Looks for several byte strings at once in a part of a file, which may be of any size. */
final class FileSearch {
  private static final int CHUNK = 64 << 10;

  interface Hit {
    /**
     * @param needle its number
     * @param offset where it begins, from the start of the part
     * @return false to end the search
     */
    boolean found(int needle, long offset);
  }

  private final byte[][] needles;
  private final boolean[] begins = new boolean[256];
  private final int longest;
  private final byte[] window;
  private final ByteBuffer buffer;

  FileSearch(List<byte[]> needles) {
    this.needles = needles.toArray(byte[][]::new);
    int most = 1;
    for (byte[] needle : needles) {
      begins[needle[0] & 0xff] = true;
      most = Math.max(most, needle.length);
    }
    longest = most;
    window = new byte[CHUNK + longest];
    buffer = ByteBuffer.wrap(window);
  }

  void search(FileChannel file, long from, long length, Hit hit) throws IOException {
    long done = 0;
    int kept = 0;
    while (done < length) {
      int more = (int) Math.min(CHUNK, length - done);
      buffer.clear().position(kept).limit(kept + more);
      int read = file.read(buffer, from + done);
      if (read <= 0) {
        return;
      }
      int end = kept + read;
      long base = done - kept;
      done += read;
      // What may still be the beginning of one waits for the next chunk.
      int sure = done < length ? Math.max(0, end - longest + 1) : end;
      for (int at = 0; at < sure; at++) {
        if (begins[window[at] & 0xff] && !report(at, end, base, hit)) {
          return;
        }
      }
      kept = end - sure;
      System.arraycopy(window, sure, window, 0, kept);
    }
  }

  private boolean report(int at, int end, long base, Hit hit) {
    for (int i = 0; i < needles.length; i++) {
      if (startsWith(needles[i], at, end) && !hit.found(i, base + at)) {
        return false;
      }
    }
    return true;
  }

  private boolean startsWith(byte[] needle, int at, int end) {
    if (needle.length > end - at) {
      return false;
    }
    for (int i = 0; i < needle.length; i++) {
      if (window[at + i] != needle[i]) {
        return false;
      }
    }
    return true;
  }
}
