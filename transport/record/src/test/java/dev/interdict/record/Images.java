package dev.interdict.record;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A recorder's directory as a crash would leave it. */
final class Images {
  private Images() {}

  /** Of a recorder that may still run: then without the mark of a clean stop. */
  static Path copy(Path directory, Path target) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.toList()) {
        Path to = target.resolve(directory.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(to);
        } else {
          Files.copy(path, to);
        }
      }
    }
    return target;
  }

  static List<Path> segments(Path directory, long epoch, int lane) throws IOException {
    Path lanePath = EpochLog.directory(directory, epoch).resolve(Integer.toString(lane));
    try (Stream<Path> paths = Files.list(lanePath)) {
      return paths.filter(p -> p.toString().endsWith(Segment.SUFFIX)).sorted().toList();
    }
  }

  static Path lastSegment(Path directory, long epoch, int lane) throws IOException {
    List<Path> all = segments(directory, epoch, lane);
    return all.get(all.size() - 1);
  }

  static void cut(Path file, long bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(open.length() - bytes);
    }
  }

  static void flip(Path file, long bit) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(bit / 8);
      int value = open.read();
      open.seek(bit / 8);
      open.write(value ^ 1 << bit % 8);
    }
  }
}
