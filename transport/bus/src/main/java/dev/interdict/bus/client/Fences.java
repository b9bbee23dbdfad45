package dev.interdict.bus.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which holder of a consumer's name is served: the one with the highest fence, and of equals the
 * latest, since it is the same holder on a new connection. The numbers are kept in a file, a line
 * each, so that a restart of the node does not let an older holder back in.
 */
final class Fences {
  private static final Logger log = LoggerFactory.getLogger(Fences.class);
  private static final int MAX_NAMES = 4096;
  private static final long MAX_FILE_BYTES = 4 << 20;

  private record Holder(long fence, ServedStream stream) {}

  private final Path file; // null: in memory only
  private final Map<String, Holder> holders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Holder> eldest) {
          return size() > MAX_NAMES && eldest.getValue().stream() == null;
        }
      };

  Fences(Path file) throws IOException {
    this.file = file;
    if (file != null && Files.exists(file)) {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IOException(
            file + ": invalid size=" + Files.size(file) + " limit=" + MAX_FILE_BYTES);
      }
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        int space = line.indexOf(' ');
        try {
          holders.put(
              line.substring(space + 1),
              new Holder(Long.parseUnsignedLong(line.substring(0, Math.max(0, space))), null));
        } catch (NumberFormatException e) {
          throw new IOException(file + ": no fence in line `" + line + "`", e);
        }
      }
    }
  }

  /** The stream that must end: the one before, the new one, or none. */
  synchronized ServedStream enter(String consumer, long fence, ServedStream stream) {
    Holder holder = holders.get(consumer);
    if (holder != null && Long.compareUnsigned(fence, holder.fence()) < 0) {
      return stream;
    }
    holders.put(consumer, new Holder(fence, stream));
    if (holder == null || holder.fence() != fence) {
      save();
    }
    return holder == null ? null : holder.stream();
  }

  /** The number is remembered, so that an older holder cannot come back. */
  synchronized void leave(ServedStream stream) {
    holders.replaceAll(
        (consumer, holder) ->
            holder.stream() == stream ? new Holder(holder.fence(), null) : holder);
  }

  private void save() {
    if (file == null) {
      return;
    }
    StringBuilder text = new StringBuilder();
    holders.forEach(
        (consumer, holder) ->
            text.append(Long.toUnsignedString(holder.fence()))
                .append(' ')
                .append(consumer.replace('\n', ' '))
                .append('\n'));
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.error("fences are not saved; a restart of this node would let older holders in", e);
    }
  }
}
