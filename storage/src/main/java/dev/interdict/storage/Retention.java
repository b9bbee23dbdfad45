package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Deletes the oldest hours of the events: what is older than an age, and then more until the rest
 * fits a size. What is held stays: hours around an incident on its node, and times that were named.
 * Alerts stay, for they are small and say what was held.
 */
public final class Retention {
  private static final Pattern PLACE =
      Pattern.compile("date=(\\d{4}-\\d\\d-\\d\\d)/hour=(\\d\\d)/node_prefix=([0-9a-f]{2})");

  /**
   * A legal hold.
   *
   * @param node first two digits of the node's id, whose group of nodes is held; null for all nodes
   */
  public record Hold(Instant from, Instant until, String node) {
    public Hold {
      if (!from.isBefore(until)) {
        throw new IllegalArgumentException("invalid hold from=" + from + " until=" + until);
      }
    }

    boolean covers(Instant hour, String place) {
      return (node == null || node.equals(place))
          && hour.isBefore(until)
          && hour.plus(Duration.ofHours(1)).isAfter(from);
    }
  }

  /**
   * @param held partitions that would have gone but for a hold
   * @param kept bytes that are left; above the size that was asked for where holds need it
   */
  public record Result(int partitions, int files, long bytes, int held, long kept) {}

  private record Place(Instant hour, String node, Path directory) {}

  private Retention() {}

  /** The times of all incidents in the alerts table, with so much before and after. */
  public static List<Hold> incidents(Catalog catalog, Duration around) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path file : Catalog.files(catalog.alerts())) {
      String fault = ArchiveTable.ALERTS.fault(file);
      if (fault != null) {
        throw new IOException("cannot tell which incidents to hold: " + file + ": " + fault);
      }
      files.add(file);
    }
    if (files.isEmpty()) {
      return List.of();
    }
    String sql =
        "SELECT entity_node[1:2], epoch_ns(min(least(time, coalesce(incident_first_time, time)))),"
            + " epoch_ns(max(greatest(time, coalesce(incident_last_time, time))))"
            + " FROM (SELECT * FROM read_parquet("
            + Engine.list(files)
            + ", union_by_name = true, hive_partitioning = false) UNION ALL BY NAME"
            + " SELECT NULL::TIMESTAMP_NS AS incident_first_time,"
            + " NULL::TIMESTAMP_NS AS incident_last_time, NULL::VARCHAR AS incident_id WHERE false)"
            + " WHERE entity_node IS NOT NULL AND time IS NOT NULL"
            + " GROUP BY entity_node, coalesce(incident_id, id)";
    return Engine.run(
        catalog.data().resolve(".spill"),
        statement -> {
          List<Hold> holds = new ArrayList<>();
          try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
              holds.add(
                  new Hold(
                      time(rows.getLong(2)).minus(around),
                      time(rows.getLong(3)).plus(around).plusNanos(1),
                      rows.getString(1)));
            }
          }
          return holds;
        });
  }

  /**
   * @param age null: no limit
   * @param bytes 0: no limit
   * @param dry says what it would do, and does nothing
   */
  public static Result run(
      Catalog catalog,
      Instant now,
      Duration age,
      long bytes,
      List<Hold> holds,
      boolean dry,
      Consumer<String> progress)
      throws IOException {
    try (UpkeepLock lock = dry ? null : UpkeepLock.take(catalog, "retention")) {
      Map<String, Place> places = new TreeMap<>();
      Map<String, List<Path>> files = new TreeMap<>();
      long kept = 0;
      for (Path file : Catalog.files(catalog.events())) {
        String name = catalog.events().relativize(file.getParent()).toString();
        Matcher place = PLACE.matcher(name);
        if (place.matches()) {
          Instant hour =
              LocalDateTime.parse(place.group(1) + "T" + place.group(2) + ":00")
                  .toInstant(ZoneOffset.UTC);
          places.put(name, new Place(hour, place.group(3), file.getParent()));
          files.computeIfAbsent(name, any -> new ArrayList<>()).add(file);
          kept += Files.size(file);
        }
      }
      int partitions = 0;
      int deleted = 0;
      long freed = 0;
      int held = 0;
      // The names begin with date and hour, so that the oldest come first.
      for (Map.Entry<String, Place> entry : places.entrySet()) {
        Place place = entry.getValue();
        Instant end = place.hour().plus(Duration.ofHours(1));
        boolean old = age != null && !end.plus(age).isAfter(now);
        if (!old && (bytes == 0 || kept <= bytes)) {
          continue;
        }
        if (holds.stream().anyMatch(hold -> hold.covers(place.hour(), place.node()))) {
          held++;
          continue;
        }
        progress.accept(entry.getKey());
        for (Path file : files.get(entry.getKey())) {
          long size = Files.size(file);
          freed += size;
          kept -= size;
          deleted++;
        }
        partitions++;
        if (!dry) {
          delete(place.directory());
        }
      }
      return new Result(partitions, deleted, freed, held, kept);
    }
  }

  /** All that is finished there; what the archive job has begun to write stays its own. */
  private static void delete(Path directory) throws IOException {
    List<Path> finished = Catalog.files(directory);
    List<Path> notes = Catalog.replacements(directory);
    for (Path note : notes) {
      for (Path file : Replacement.replaced(note)) {
        Files.deleteIfExists(file);
      }
    }
    for (Path file : finished) {
      Files.deleteIfExists(file);
    }
    for (Path note : notes) {
      Files.deleteIfExists(note);
    }
  }

  private static Instant time(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
