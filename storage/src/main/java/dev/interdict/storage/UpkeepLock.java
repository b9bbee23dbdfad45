package dev.interdict.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * Held by what deletes or replaces files of an archive, so that two never do at once. The operating
 * system lets go of it with its process, however that ends; the file stays.
 */
final class UpkeepLock implements AutoCloseable {
  private static final String NAME = ".upkeep.lock";
  private static final int NOTE_BYTES = 200;

  private final FileChannel channel;

  private UpkeepLock(FileChannel channel) {
    this.channel = channel;
  }

  static UpkeepLock take(Catalog catalog, String what) throws IOException {
    Path file = catalog.data().resolve(NAME);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (lock(channel) == null) {
        throw new IOException(
            "another upkeep works on "
                + catalog.data()
                + " ("
                + note(channel)
                + "): run this one when it has ended");
      }
      sign(channel, what + ", pid " + ProcessHandle.current().pid() + ", since " + Instant.now());
      return new UpkeepLock(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException inThisProcess) {
      return null;
    }
  }

  private static String note(FileChannel channel) throws IOException {
    ByteBuffer note = ByteBuffer.allocate(NOTE_BYTES);
    channel.read(note, 0);
    return new String(note.array(), 0, note.position(), StandardCharsets.UTF_8);
  }

  private static void sign(FileChannel channel, String note) {
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(note.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException full) {
      // The lock holds without its note: retention must run on a disk that is full.
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
