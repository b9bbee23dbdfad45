package dev.interdict.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.OfflineRecorder.Retained;
import dev.interdict.record.OfflineRecorder.SegmentReport;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "ls",
    description = "List the segments: what they cover and what they hold.",
    mixinStandardHelpOptions = true)
final class RecorderLsCommand implements Callable<Integer> {
  private static final String ROW = "%-16s %-8s %12s %12s %10s %8s %12s  %-30s %-30s %s%n";

  @Parameters(paramLabel = "DIR", description = "The recorder's directory.")
  private Path directory;

  @Option(names = "--json", description = "One JSON object per segment and line.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    OfflineRecorder recorder = RecorderCommand.open(directory);
    List<SegmentReport> segments = recorder.inspect(false);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      for (SegmentReport segment : segments) {
        out.println(toJson(recorder, segment));
      }
    } else {
      print(recorder, segments, out);
    }
    out.flush();
    return segments.stream().anyMatch(SegmentReport::isDamaged) ? ExitCode.FAILED : ExitCode.OK;
  }

  private static void print(
      OfflineRecorder recorder, List<SegmentReport> segments, PrintWriter out) {
    out.printf(
        "node %s, %s%n",
        recorder.node(), recorder.isClean() ? "stopped cleanly" : "running or stopped uncleanly");
    out.printf(
        ROW, "EPOCH", "LANE", "FIRST", "LAST", "EVENTS", "FRAMES", "BYTES", "FROM", "UNTIL",
        "STATE");
    for (SegmentReport segment : segments) {
      out.printf(
          ROW,
          segment.epoch(),
          EventLine.lane(segment.lane()),
          segment.firstSequence(),
          segment.lastSequence(),
          segment.events(),
          segment.frames(),
          segment.bytes(),
          segment.frames() == 0 ? "-" : EventLine.time(segment.firstTime()),
          segment.frames() == 0 ? "-" : EventLine.time(segment.lastTime()),
          state(segment));
    }
    for (Retained removed : recorder.removed()) {
      out.printf(
          "removed by retention: epoch %d lane %s up to sequence %d, %d events%n",
          removed.epoch(),
          EventLine.lane(removed.lane()),
          removed.lastSequence(),
          removed.events());
    }
  }

  static String state(SegmentReport segment) {
    if (segment.headerProblem() != null) {
      return segment.headerProblem();
    }
    if (segment.damagedBytes() > 0) {
      return "damagedBytes=" + segment.damagedBytes();
    }
    if (segment.malformedEvents() > 0) {
      return "malformedEvents=" + segment.malformedEvents();
    }
    return segment.tornBytes() > 0 ? "tornBytes=" + segment.tornBytes() : "ok";
  }

  private static String toJson(OfflineRecorder recorder, SegmentReport segment) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator object = new JsonFactory().createGenerator(text)) {
      object.writeStartObject();
      object.writeStringField("node", recorder.node().toString());
      object.writeNumberField("epoch", segment.epoch());
      object.writeStringField("lane", EventLine.lane(segment.lane()));
      object.writeNumberField("first_sequence", segment.firstSequence());
      object.writeNumberField("last_sequence", segment.lastSequence());
      object.writeNumberField("first_time", segment.firstTime());
      object.writeNumberField("last_time", segment.lastTime());
      object.writeNumberField("events", segment.events());
      object.writeNumberField("frames", segment.frames());
      object.writeNumberField("bytes", segment.bytes());
      object.writeArrayFieldStart("kinds");
      for (int kind = 0; kind < Kinds.LIMIT; kind++) {
        if ((segment.kinds() >>> kind & 1) != 0) {
          object.writeString(Kinds.name(kind));
        }
      }
      object.writeEndArray();
      object.writeNumberField("damaged_bytes", segment.damagedBytes());
      object.writeNumberField("torn_bytes", segment.tornBytes());
      object.writeStringField("path", segment.path().toString());
      object.writeStringField("state", state(segment));
      object.writeEndObject();
    }
    return text.toString();
  }
}
