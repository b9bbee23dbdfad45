package dev.interdict.storage;

import dev.interdict.schema.Event;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Puts events into a data directory the way the archive job does. */
public final class ArchiveFixture {
  static final long NODE_HI = 0x1b9d6bcd_bbfd_4b2dL;
  static final long NODE_LO = 0x9b5d_ab8dfbbd4bedL;
  static final String NODE = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

  private ArchiveFixture() {}

  static Path write(Path data, String name, List<Event> events) throws IOException {
    return writeEncoded(data, name, events.stream().map(Event::toByteArray).toList());
  }

  public static Path writeEncoded(Path data, String name, List<byte[]> events) throws IOException {
    Path file =
        new Catalog(data)
            .events()
            .resolve(Partition.of(SampleEvents.START, NODE_HI))
            .resolve(name + Catalog.FILE_SUFFIX);
    Files.createDirectories(file.getParent());
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      EventParquetWriter writer = EventParquetWriter.open(out);
      long sequence = 1;
      for (byte[] event : events) {
        writer.append(NODE_HI, NODE_LO, 2, sequence++, event, 0, event.length);
      }
      writer.finish();
    }
    return file;
  }
}
