package dev.interdict.cli;

import dev.interdict.record.BatchMerge;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.NodeId;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.MalformedEventException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "cat",
    description = {
      "Print the events in the order in which they were recorded.",
      "Gaps are printed whatever the kinds. Exits 1 if something was damaged."
    },
    mixinStandardHelpOptions = true)
final class RecorderCatCommand implements Callable<Integer> {
  private static final long NANOS = 1_000_000_000L;

  @Parameters(paramLabel = "DIR", description = "The recorder's directory.")
  private Path directory;

  @Option(names = "--json", description = "One JSON object per event and line.")
  private boolean json;

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

  @Spec private CommandSpec spec;

  private final EventView view = new EventView();
  private boolean damaged;

  @Override
  public Integer call() throws IOException {
    long wanted = kinds();
    OfflineRecorder recorder = RecorderCommand.open(directory);
    if (recorder.isEmpty()) {
      return ExitCode.OK;
    }
    PrintWriter out = spec.commandLine().getOut();
    long first = from == null ? Long.MIN_VALUE : nanos(from);
    long end = until == null ? Long.MAX_VALUE : nanos(until);
    try (RecorderReader reader = recorder.reader(first, wanted);
        BatchMerge merge = new BatchMerge()) {
      while (reader.next() && !out.checkError()) {
        merge.wrap(reader);
        while (merge.next()) {
          if (merge.event().time() < end) {
            print(recorder.node(), merge.event(), out);
          }
        }
      }
    }
    out.flush();
    return damaged ? ExitCode.FAILED : ExitCode.OK;
  }

  private void print(NodeId node, FrameDecoder event, PrintWriter out) {
    try {
      view.wrap(event.array(), event.offset(), event.length());
      if (event.kind() == Kind.GAP_VALUE && "damaged".equals(view.string(Field.GAP_REASON))) {
        damaged = true;
      }
      if (json) {
        out.println(
            "{\"node\":\""
                + node
                + "\",\"epoch\":"
                + event.header().epoch()
                + ",\"sequence\":"
                + event.sequence()
                + ","
                + EventJson.toJson(view).substring(1));
      } else {
        out.println(event.sequence() + " " + EventLine.of(view));
      }
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

  private long kinds() {
    try {
      return kinds.isEmpty()
          ? Kinds.ALL
          : Kinds.bits(kinds.stream().map(String::strip).map(Kinds::parse).toList());
    } catch (IllegalArgumentException e) {
      CommandLine command = spec.commandLine();
      throw new ParameterException(command, e.getMessage(), e);
    }
  }

  private static long nanos(Instant time) {
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS), time.getNano());
  }
}
