package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.OfflineRecorder.SegmentReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    description = {
      "Read every segment to its end: checksums, compression, each event.",
      "Exits 1 if there is damage. A torn end, as a crash leaves it, is no damage."
    },
    mixinStandardHelpOptions = true)
final class RecorderVerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The recorder's directory.")
  private Path directory;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    OfflineRecorder recorder = RecorderCommand.open(directory);
    List<SegmentReport> segments = recorder.inspect(true);
    List<SegmentReport> damaged = segments.stream().filter(SegmentReport::isDamaged).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(toJson(recorder, segments, damaged));
    } else {
      for (SegmentReport segment : segments) {
        if (segment.isDamaged() || segment.tornBytes() > 0) {
          out.println(segment.path() + ": " + RecorderLsCommand.state(segment));
        }
      }
      out.printf(
          "%d segments, %d frames, %d events, %d bytes: %s%n",
          segments.size(),
          sum(segments, SegmentReport::frames),
          sum(segments, SegmentReport::events),
          sum(segments, SegmentReport::bytes),
          damaged.isEmpty() ? "no damage" : damaged.size() + " damaged");
    }
    out.flush();
    return damaged.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String toJson(
      OfflineRecorder recorder, List<SegmentReport> segments, List<SegmentReport> damaged)
      throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator object = new JsonFactory().createGenerator(text)) {
      object.writeStartObject();
      object.writeStringField("node", recorder.node().toString());
      object.writeBooleanField("clean", recorder.isClean());
      object.writeNumberField("segments", segments.size());
      object.writeNumberField("frames", sum(segments, SegmentReport::frames));
      object.writeNumberField("events", sum(segments, SegmentReport::events));
      object.writeNumberField("bytes", sum(segments, SegmentReport::bytes));
      object.writeNumberField("damaged_bytes", sum(segments, SegmentReport::damagedBytes));
      object.writeNumberField("torn_bytes", sum(segments, SegmentReport::tornBytes));
      object.writeNumberField("malformed_events", sum(segments, SegmentReport::malformedEvents));
      object.writeArrayFieldStart("damaged");
      for (SegmentReport segment : damaged) {
        object.writeString(segment.path().toString());
      }
      object.writeEndArray();
      object.writeEndObject();
    }
    return text.toString();
  }

  private static long sum(List<SegmentReport> segments, ToLongFunction<SegmentReport> part) {
    return segments.stream().mapToLong(part).sum();
  }
}
