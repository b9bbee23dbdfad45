package dev.interdict.record;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What named consumers have acknowledged, by name, kept in the recorder's directory. A crash may
 * bring back what was said up to a second before it: then more is kept than is needed.
 */
final class RetentionHolds {
  static final String FILE = "holds";
  static final int MAX_HOLDS = 64;
  static final int MAX_NAME_LENGTH = 255;
  static final Duration MAX_AGE = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(RetentionHolds.class);
  private static final int FIELDS = 5; // epoch, sequence, kinds, time, name

  private final Path file;
  private final NodeId node;
  private final TreeMap<String, Hold> holds = new TreeMap<>();
  private boolean changed;

  private RetentionHolds(Path directory, NodeId node) {
    this.file = directory.resolve(FILE);
    this.node = node;
  }

  static RetentionHolds load(Path directory, NodeId node) throws IOException {
    RetentionHolds loaded = new RetentionHolds(directory, node);
    if (Files.exists(loaded.file)) {
      String text = new String(Files.readAllBytes(loaded.file), StandardCharsets.UTF_8);
      text.lines().limit(MAX_HOLDS).forEach(loaded::parse);
    }
    return loaded;
  }

  /** False: there are too many names already, and nothing is held for this one. */
  synchronized boolean hold(String name, Position position, long kinds, long nowMillis) {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "invalid name of a hold: length=" + name.length() + " limit=" + MAX_NAME_LENGTH);
    }
    if (!holds.containsKey(name) && holds.size() >= MAX_HOLDS) {
      return false;
    }
    holds.put(name, new Hold(name, position, kinds, nowMillis));
    changed = true;
    return true;
  }

  synchronized void release(String name) {
    changed |= holds.remove(name) != null;
  }

  synchronized List<Hold> list() {
    return List.copyOf(holds.values());
  }

  /** Forgets those that nobody has renewed for too long. The clock may have been set back. */
  synchronized void expire(long nowMillis) {
    holds.replaceAll(
        (name, hold) ->
            new Hold(
                name, hold.position(), hold.kinds(), Math.min(nowMillis, hold.renewedMillis())));
    List<Hold> lapsed =
        holds.values().stream()
            .filter(hold -> nowMillis - hold.renewedMillis() > MAX_AGE.toMillis())
            .toList();
    for (Hold hold : lapsed) {
      LOG.warn("retention waits no longer for consumer={} at={}", hold.name(), hold.position());
      release(hold.name());
    }
  }

  /** Does nothing where nothing has changed since. */
  void save() throws IOException {
    String text;
    synchronized (this) {
      if (!changed) {
        return;
      }
      changed = false;
      text = text();
    }
    try {
      DurableFiles.replace(file, text);
    } catch (IOException e) {
      synchronized (this) {
        changed = true;
      }
      throw e;
    }
  }

  /** Who still needs something of the segment. */
  synchronized List<String> needing(LaneLog lane, Segment segment) {
    List<String> names = new ArrayList<>();
    for (Hold hold : holds.values()) {
      if (RecorderReader.wantsLane(hold.kinds(), lane.lane()) && isAhead(lane, segment, hold)) {
        names.add(hold.name());
      }
    }
    return names;
  }

  private static boolean isAhead(LaneLog lane, Segment segment, Hold hold) {
    Position position = hold.position();
    if (lane.epoch() != position.epoch()) {
      return lane.epoch() > position.epoch();
    }
    Segment after = lane.after(segment); // its name says where this one ends without reading it
    return after == null || after.firstSequence() > position.sequence();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    holds.values().stream()
        .sorted(Comparator.comparing(Hold::name))
        .forEach(
            hold ->
                text.append(hold.position().epoch())
                    .append(' ')
                    .append(hold.position().sequence())
                    .append(' ')
                    .append(Long.toHexString(hold.kinds()))
                    .append(' ')
                    .append(hold.renewedMillis())
                    .append(' ')
                    .append(hold.name())
                    .append('\n'));
    return text.toString();
  }

  private void parse(String line) {
    String[] fields = line.split(" ", FIELDS);
    try {
      if (fields.length < FIELDS || !isName(fields[4])) {
        throw new NumberFormatException("fields=" + fields.length);
      }
      Position at = new Position(node, Long.parseLong(fields[0]), Long.parseLong(fields[1]));
      long kinds = Long.parseUnsignedLong(fields[2], 16);
      holds.put(fields[4], new Hold(fields[4], at, kinds, Long.parseLong(fields[3])));
    } catch (NumberFormatException e) {
      LOG.warn("damaged line in {}, a consumer may have to be told of a gap: {}", file, line);
    }
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_LENGTH
        && name.chars().noneMatch(Character::isISOControl);
  }
}
