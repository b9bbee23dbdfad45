package dev.interdict.cli;

import dev.interdict.record.BatchMerge;
import dev.interdict.record.FrameDecoder;
import dev.interdict.record.NodeId;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.RecorderReader;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.MalformedEventException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  @Parameters(paramLabel = "DIR", description = "The recorder's directory.")
  private Path directory;

  @Option(names = "--json", description = "One JSON object per event and line.")
  private boolean json;

  @Mixin private RecorderSelection selection;

  @Spec private CommandSpec spec;

  private final EventView view = new EventView();
  private boolean damaged;

  @Override
  public Integer call() throws IOException {
    OfflineRecorder recorder = RecorderCommand.open(directory);
    if (recorder.isEmpty()) {
      return ExitCode.OK;
    }
    PrintWriter out = spec.commandLine().getOut();
    long end = selection.end();
    try (RecorderReader reader = selection.reader(recorder);
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
        out.println(ExportTarget.json(node, event, view));
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
}
