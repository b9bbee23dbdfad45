package dev.interdict.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Files to a socket without looking at them: as fast as loopback and page cache are. */
final class PlainCopy {
  private static final long AT_LEAST_NANOS = 1_000_000_000L;

  private PlainCopy() {}

  static double megabytesPerSecond(List<Path> files) throws IOException {
    try (ServerSocketChannel server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      Thread reader = new Thread(() -> read(server), "plain-copy");
      reader.start();
      long bytes = 0;
      long start = System.nanoTime();
      try (SocketChannel out = server.accept()) {
        while (System.nanoTime() - start < AT_LEAST_NANOS) {
          for (Path file : files) {
            bytes += send(file, out);
          }
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      reader.join();
      return bytes / 1e6 / seconds;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static long send(Path file, SocketChannel out) throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = in.size();
      for (long at = 0; at < size; ) {
        at += in.transferTo(at, size - at, out);
      }
      return size;
    }
  }

  private static void read(ServerSocketChannel server) {
    byte[] buffer = new byte[1 << 18];
    try (Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), server.socket().getLocalPort());
        InputStream in = socket.getInputStream()) {
      while (in.read(buffer) >= 0) {
        continue;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
