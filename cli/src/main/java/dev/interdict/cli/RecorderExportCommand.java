package dev.interdict.cli;

import dev.interdict.record.BatchMerge;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.MalformedEventException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    description = "Write the events as Parquet or as JSON lines. Gaps go along whatever is chosen.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "TARGET ends in .parquet or .jsonl, is - for JSON lines on standard output, or is a directory:",
      "that becomes an archive, which `interdict query --data TARGET` reads.",
      "",
      "Examples:",
      "  interdict recorder export /mnt/evidence/recorder case.jsonl",
      "  interdict recorder export --from 2026-11-21T10:00:00Z --until 2026-11-21T11:00:00Z \\",
      "                            --kinds exec,connect --container 'web-*' DIR web.parquet",
      "  interdict recorder export DIR - | jq -c 'select(.process.pid == 4711)'",
      "  interdict recorder export DIR case/ && interdict query --data case \\",
      "                            \"SELECT kind, count(*) FROM events GROUP BY kind\"",
      "",
      "Exit codes: 0 exported, 1 exported what could be read and something was damaged,",
      "2 nothing done: bad arguments, no recorder, or the target exists."
    })
final class RecorderExportCommand implements Callable<Integer> {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(2);

  @Parameters(index = "0", paramLabel = "DIR", description = "The recorder's directory.")
  private Path directory;

  @Parameters(index = "1", paramLabel = "TARGET", description = "File or directory to write.")
  private String target;

  @Mixin private RecorderSelection selection;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Option(names = "--quiet", description = "No progress on standard error.")
  private boolean quiet;

  @Spec private CommandSpec spec;

  private final EventView view = new EventView();
  private long events;
  private long gaps;
  private boolean damaged;

  @Override
  public Integer call() throws IOException {
    OfflineRecorder recorder = RecorderCommand.open(directory);
    PrintWriter err = spec.commandLine().getErr();
    try (ExportTarget out = open()) {
      if (!recorder.isEmpty()) {
        try (RecorderReader reader = selection.reader(recorder);
            BatchMerge merge = new BatchMerge()) {
          export(recorder, reader, merge, out);
        }
      }
      out.finish();
    }
    if (!quiet) {
      err.printf("%d events and %d gaps exported to %s%n", events, gaps, target);
      err.flush();
    }
    return damaged ? ExitCode.FAILED : ExitCode.OK;
  }

  private ExportTarget open() throws IOException {
    if (target.equals("-")) {
      return new ExportTarget.JsonLines(spec.commandLine().getOut());
    }
    Path path = Path.of(target);
    boolean parquet = target.endsWith(".parquet");
    if (!parquet && !target.endsWith(".jsonl")) {
      if (Files.isRegularFile(path) || target.matches(".*\\.\\w{1,8}")) {
        throw new ParameterException(
            spec.commandLine(), "invalid TARGET=" + target + ", expected *.parquet, *.jsonl or -");
      }
      return new ExportTarget.Archive(path);
    }
    if (Files.exists(path) && !force) {
      throw new CommandFailure(ExitCode.USAGE, "file exists: " + path + " (--force replaces it)");
    }
    return parquet ? new ExportTarget.ParquetFile(path) : new ExportTarget.JsonFile(path);
  }

  private void export(
      OfflineRecorder recorder, RecorderReader reader, BatchMerge merge, ExportTarget out)
      throws IOException {
    long end = selection.end();
    long told = System.nanoTime();
    while (reader.next()) {
      merge.wrap(reader);
      while (merge.next()) {
        if (merge.event().time() < end || merge.event().kind() == Kind.GAP_VALUE) {
          export(recorder, merge.event(), out);
        }
      }
      if (!quiet && System.nanoTime() - told > PROGRESS_NANOS) {
        told = System.nanoTime();
        PrintWriter err = spec.commandLine().getErr();
        err.printf("%d events, up to %s%n", events, EventLine.time(reader.time()));
        err.flush();
      }
    }
  }

  private void export(OfflineRecorder recorder, FrameDecoder event, ExportTarget out)
      throws IOException {
    try {
      view.wrap(event.array(), event.offset(), event.length());
      if (event.kind() == Kind.GAP_VALUE) {
        gaps++;
        damaged |= "damaged".equals(view.string(Field.GAP_REASON));
      } else {
        events++;
      }
      out.write(recorder.node(), event, view);
    } catch (MalformedEventException e) {
      damaged = true;
      spec.commandLine()
          .getErr()
          .println(
              "malformed event: epoch="
                  + event.header().epoch()
                  + " sequence="
                  + event.sequence()
                  + " "
                  + e.getMessage());
    }
  }
}
