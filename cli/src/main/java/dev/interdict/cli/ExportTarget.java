package dev.interdict.cli;

import dev.interdict.record.FrameDecoder;
import dev.interdict.record.NodeId;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.EventView;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.EventParquetWriter;
import dev.interdict.storage.Partition;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where exported events go. What was not finished leaves nothing that looks like a whole file. */
interface ExportTarget extends AutoCloseable {
  /** Throws MalformedEventException where the format needs the event to be parsed. */
  void write(NodeId node, FrameDecoder event, EventView view) throws IOException;

  void finish() throws IOException;

  @Override
  void close() throws IOException;

  /** As {@code interdict recorder cat --json} prints it. */
  static String json(NodeId node, FrameDecoder event, EventView view) {
    return "{\"node\":\""
        + node
        + "\",\"epoch\":"
        + event.header().epoch()
        + ",\"sequence\":"
        + event.sequence()
        + ","
        + EventJson.toJson(view).substring(1);
  }

  /** One object per event and line. */
  final class JsonLines implements ExportTarget {
    private final PrintWriter out;

    JsonLines(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void write(NodeId node, FrameDecoder event, EventView view) throws IOException {
      out.print(json(node, event, view) + "\n");
      if (out.checkError()) {
        throw new IOException("cannot write");
      }
    }

    @Override
    public void finish() {
      out.flush();
    }

    @Override
    public void close() {
      out.flush();
    }
  }

  /** A file of its own, which has its name when it is whole. */
  final class JsonFile implements ExportTarget {
    private final Path part;
    private final Path file;
    private final OutputStream out;

    JsonFile(Path file) throws IOException {
      this.file = file;
      part = ParquetFile.hidden(file);
      out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16);
    }

    @Override
    public void write(NodeId node, FrameDecoder event, EventView view) throws IOException {
      out.write((json(node, event, view) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void finish() throws IOException {
      out.close();
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
      try (out) {
        Files.deleteIfExists(part);
      }
    }
  }

  /** One Parquet file of the archive's table of events. */
  final class ParquetFile implements ExportTarget {
    private final Path part;
    private final Path file;
    private final OutputStream out;
    private final EventParquetWriter parquet;

    ParquetFile(Path file) throws IOException {
      this.file = file;
      part = hidden(file);
      out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 16);
      parquet = EventParquetWriter.open(out);
    }

    static Path hidden(Path file) {
      return file.resolveSibling("." + file.getFileName() + ".part");
    }

    @Override
    public void write(NodeId node, FrameDecoder event, EventView view) throws IOException {
      parquet.append(
          node.hi(),
          node.lo(),
          event.header().epoch(),
          event.sequence(),
          event.array(),
          event.offset(),
          event.length());
    }

    @Override
    public void finish() throws IOException {
      parquet.finish();
      out.close();
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
      try (out) {
        Files.deleteIfExists(part);
      }
    }
  }

  /** A directory that {@code interdict query --data} reads. */
  final class Archive implements ExportTarget {
    /** Events come about in the order of time, so few hours are open at once. */
    private static final int MAX_OPEN = 3;

    private final Path events;
    private final Partition partition = new Partition();
    private final Map<String, ParquetFile> open = new LinkedHashMap<>(16, 0.75f, true);

    Archive(Path directory) {
      events = new Catalog(directory).events();
    }

    @Override
    public void write(NodeId node, FrameDecoder event, EventView view) throws IOException {
      String place = partition.path(event.time(), node.hi());
      ParquetFile file = open.get(place);
      if (file == null) {
        if (open.size() == MAX_OPEN) {
          String oldest = open.keySet().iterator().next();
          finish(open.get(oldest));
          open.remove(oldest);
        }
        Path directory = Files.createDirectories(events.resolve(place));
        String name =
            Catalog.FILE_PREFIX
                + "-export-"
                + event.header().epoch()
                + "-"
                + event.sequence()
                + Catalog.FILE_SUFFIX;
        file = new ParquetFile(directory.resolve(name));
        open.put(place, file);
      }
      file.write(node, event, view);
    }

    private static void finish(ParquetFile file) throws IOException {
      try (file) {
        file.finish();
      }
    }

    @Override
    public void finish() throws IOException {
      for (ParquetFile file : open.values()) {
        file.finish();
      }
    }

    @Override
    public void close() throws IOException {
      for (ParquetFile file : open.values()) {
        file.close();
      }
    }
  }
}
