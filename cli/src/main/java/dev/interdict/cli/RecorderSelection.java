package dev.interdict.cli;

import dev.interdict.record.EventPredicate;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Scope;
import dev.interdict.schema.ScopeFilter;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which of a recorder's events a command is about. Gaps are always among them. */
final class RecorderSelection {
  private static final long NANOS = 1_000_000_000L;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Begin with the first event at or after it, e.g. 2026-11-21T10:00:00Z.")
  private Instant from;

  @Option(names = "--until", paramLabel = "TIME", description = "Leave out events at or after it.")
  private Instant until;

  @Option(
      names = "--kinds",
      paramLabel = "KIND",
      split = ",",
      description = "Only these, e.g. exec,connect.")
  private List<String> kinds = new ArrayList<>();

  @Option(
      names = "--container",
      paramLabel = "GLOB",
      split = ",",
      description = "Only of containers with such an id or name, e.g. 'web-*'.")
  private List<String> containers = new ArrayList<>();

  RecorderReader reader(OfflineRecorder recorder) throws IOException {
    try {
      long wanted =
          kinds.isEmpty()
              ? Kinds.ALL
              : Kinds.bits(kinds.stream().map(String::strip).map(Kinds::parse).toList());
      EventPredicate scope =
          containers.isEmpty()
              ? null
              : new ScopeFilter(Scope.newBuilder().addAllContainers(containers).build())::matches;
      return recorder.reader(from == null ? Long.MIN_VALUE : nanos(from), wanted, scope);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
  }

  /** Unix nanoseconds, exclusive. */
  long end() {
    return until == null ? Long.MAX_VALUE : nanos(until);
  }

  private static long nanos(Instant time) {
    try {
      return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS), time.getNano());
    } catch (ArithmeticException e) {
      throw new CommandFailure(ExitCode.USAGE, "no such time in nanoseconds: " + time, e);
    }
  }
}
