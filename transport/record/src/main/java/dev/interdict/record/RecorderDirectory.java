package dev.interdict.record;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The directory of a running recorder: its lock, its identity, the mark of a clean stop. */
final class RecorderDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "lock";
  static final String CLEAN_FILE = "clean";
  private static final Pattern CLEAN = Pattern.compile("epoch=(\\d+) last=(\\d+)\\s*");

  private final Path path;
  private final FileChannel lock;

  /**
   * @param lastSequence of the epoch when the recorder was closed
   */
  record CleanMark(long epoch, long lastSequence) {}

  private RecorderDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  static RecorderDirectory lock(Path path) throws IOException {
    Files.createDirectories(path);
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      channel.close();
      throw new IOException("recorder is in use by another process or instance: " + path);
    }
    return new RecorderDirectory(path, channel);
  }

  /** Gives the directory its identity when it is new. */
  Catalog load(NodeId wanted) throws IOException {
    Path file = path.resolve(Catalog.NODE_FILE);
    if (!Files.exists(file)) {
      DurableFiles.replace(file, (wanted == null ? NodeId.random() : wanted) + "\n");
    }
    Catalog catalog = Catalog.load(path);
    if (wanted != null && !catalog.node().equals(wanted)) {
      throw new IOException(
          "recorder belongs to another node: directory="
              + path
              + " node="
              + catalog.node()
              + " expected="
              + wanted);
    }
    return catalog;
  }

  /** Null if the last stop was not clean. */
  CleanMark cleanMark() throws IOException {
    Path file = path.resolve(CLEAN_FILE);
    if (!Files.exists(file)) {
      return null;
    }
    Matcher matcher = CLEAN.matcher(Files.readString(file, StandardCharsets.UTF_8));
    return matcher.matches()
        ? new CleanMark(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)))
        : null;
  }

  void eraseCleanMark() throws IOException {
    DurableFiles.delete(path.resolve(CLEAN_FILE));
  }

  void writeCleanMark(CleanMark mark) throws IOException {
    DurableFiles.replace(
        path.resolve(CLEAN_FILE), "epoch=" + mark.epoch() + " last=" + mark.lastSequence() + "\n");
  }

  /** Its directories are durable before it has any event, so that no epoch is ever used twice. */
  EpochLog createEpoch(long epoch, int lanes) throws IOException {
    Path directory = EpochLog.directory(path, epoch);
    Files.createDirectory(directory);
    for (int lane = 0; lane < lanes; lane++) {
      Files.createDirectory(directory.resolve(Integer.toString(lane)));
    }
    DurableFiles.syncDirectory(directory);
    DurableFiles.syncDirectory(path);
    return new EpochLog(epoch, true, Catalog.loadLanes(directory, epoch));
  }

  /** Goes on with an epoch after a clean stop, with lanes that it may not have had before. */
  EpochLog continueEpoch(EpochLog epoch, int lanes) throws IOException {
    LaneLog[] logs = new LaneLog[FrameHeader.MAX_LANES];
    for (int lane = 0; lane < logs.length; lane++) {
      logs[lane] = epoch.lane(lane);
      if (lane < lanes && !Files.isDirectory(logs[lane].directory())) {
        DurableFiles.createDirectory(logs[lane].directory());
      }
    }
    return new EpochLog(epoch.epoch(), true, logs);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
