package dev.interdict.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Everything in a recorder's directory, by epoch. Readers use it while the recorder changes it. */
final class Catalog {
  static final String NODE_FILE = "node";

  private final Path directory;
  private final NodeId node;
  private final ConcurrentNavigableMap<Long, EpochLog> epochs = new ConcurrentSkipListMap<>();

  private Catalog(Path directory, NodeId node) {
    this.directory = directory;
    this.node = node;
  }

  /** Reads names, sizes and marks, not the segments; every epoch counts as finished. */
  static Catalog load(Path directory) throws IOException {
    Path nodeFile = directory.resolve(NODE_FILE);
    if (!Files.isRegularFile(nodeFile)) {
      throw new IOException("not a recorder's directory (it has no file 'node'): " + directory);
    }
    NodeId node = NodeId.parse(Files.readString(nodeFile, StandardCharsets.UTF_8).strip());
    Catalog catalog = new Catalog(directory, node);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        long epoch = EpochLog.parse(entry.getFileName().toString());
        if (epoch >= 0) {
          catalog.epochs.put(epoch, new EpochLog(epoch, false, loadLanes(entry, epoch)));
        }
      }
    }
    return catalog;
  }

  static LaneLog[] loadLanes(Path epochDirectory, long epoch) throws IOException {
    LaneLog[] lanes = new LaneLog[FrameHeader.MAX_LANES];
    for (int lane = 0; lane < lanes.length; lane++) {
      Path laneDirectory = epochDirectory.resolve(Integer.toString(lane));
      Path mark = laneDirectory.resolve(Removed.FILE);
      Removed removed =
          Files.exists(mark)
              ? Removed.parse(Files.readString(mark, StandardCharsets.UTF_8))
              : Removed.NOTHING;
      lanes[lane] = new LaneLog(laneDirectory, epoch, lane, removed);
      if (Files.isDirectory(laneDirectory)) {
        loadSegments(lanes[lane]);
      }
    }
    return lanes;
  }

  private static void loadSegments(LaneLog lane) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(lane.directory(), "*" + Segment.SUFFIX)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        String digits = name.substring(0, name.length() - Segment.SUFFIX.length());
        if (digits.matches("\\d{19}")) {
          lane.add(
              Segment.closed(
                  file, lane.epoch(), lane.lane(), Long.parseLong(digits), Files.size(file)));
        }
      }
    }
  }

  Path directory() {
    return directory;
  }

  NodeId node() {
    return node;
  }

  ConcurrentNavigableMap<Long, EpochLog> epochs() {
    return epochs;
  }

  /** The epochs that are held, in their order; reads the last segment of each lane once. */
  List<EpochRange> ranges() throws IOException {
    List<EpochRange> ranges = new ArrayList<>();
    for (EpochLog each : epochs.values()) {
      long first = Long.MAX_VALUE;
      long last = each.isCurrent() ? each.headSequence() : 0;
      for (int lane = 0; lane < each.lanes(); lane++) {
        Segment newest = each.lane(lane).last();
        if (newest != null) {
          first = Math.min(first, each.lane(lane).removed().lastSequence() + 1);
          last = Math.max(last, each.isCurrent() ? 0 : newest.index().lastSequence());
        }
      }
      if (first <= last) {
        ranges.add(new EpochRange(each.epoch(), first, last));
      }
    }
    return ranges;
  }

  /** Null after the last one. */
  EpochLog after(long epoch) {
    Map.Entry<Long, EpochLog> next = epochs.higherEntry(epoch);
    return next == null ? null : next.getValue();
  }

  EpochLog first() {
    return epochs.isEmpty() ? null : epochs.firstEntry().getValue();
  }

  EpochLog last() {
    return epochs.isEmpty() ? null : epochs.lastEntry().getValue();
  }
}
