package dev.interdict.cli;

import dev.interdict.storage.Catalog;
import dev.interdict.storage.Retention;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** By size, and what stays whatever its age. */
final class RetentionOptions {
  static final String DEFAULT_AROUND = "24h";

  @Option(names = "--size", paramLabel = "SIZE", description = "Keep at most so much: 400GB.")
  private String size;

  @Option(
      names = "--hold",
      paramLabel = "FROM/UNTIL",
      description = "What is between these times stays, on all nodes; may be repeated.")
  private List<String> holds = new ArrayList<>();

  @Option(
      names = "--around",
      paramLabel = "TIME",
      defaultValue = DEFAULT_AROUND,
      description = "So much before and after an incident stays (default: ${DEFAULT-VALUE}).")
  private String around;

  /** 0: no limit. */
  long bytes() {
    return size == null ? 0 : StorageOptions.bytes("--size", size);
  }

  /** Those that were named, and those of incidents. */
  List<Retention.Hold> held(Catalog catalog) throws IOException {
    List<Retention.Hold> held = new ArrayList<>(named());
    held.addAll(Retention.incidents(catalog, StorageOptions.duration("--around", around)));
    return held;
  }

  /** Refuses what cannot be read, before anything is done. */
  void check() {
    bytes();
    named();
    StorageOptions.duration("--around", around);
  }

  private List<Retention.Hold> named() {
    return holds.stream().map(RetentionOptions::hold).toList();
  }

  private static Retention.Hold hold(String text) {
    String[] ends = text.split("/", -1);
    try {
      if (ends.length == 2) {
        return new Retention.Hold(Instant.parse(ends[0]), Instant.parse(ends[1]), null);
      }
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, "invalid --hold=" + text + ": " + e.getMessage(), e);
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        "invalid --hold=" + text + ", such as 2026-11-22T00:00:00Z/2026-11-24T00:00:00Z");
  }
}
