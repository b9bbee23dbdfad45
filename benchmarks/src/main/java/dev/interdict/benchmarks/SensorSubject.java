package dev.interdict.benchmarks;

import dev.interdict.agent.kernel.SensorBenchmark;
import java.util.List;

/** The agent's own work on each record, against what a builder of protobuf takes for one event. */
final class SensorSubject implements Subject {
  private static final String PEER = "protobuf_build";
  private static final List<String> PATHS =
      List.of("translateExec", "translateOpen", "translateConnect", "recordOpen");

  @Override
  public String name() {
    return "sensor";
  }

  @Override
  public String about() {
    return "from a kernel record to an event in a frame, against building it with protobuf";
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    var scores = Jmh.run(SensorBenchmark.class, settings.quick());
    var build = Jmh.run(BuildBenchmark.class, settings.quick()).get("build");
    for (String path : PATHS) {
      var ours = scores.get(path);
      table.ours(path, "ns_per_event", ours.nanos(), "ns");
      table.peer(path, "ns_per_event", build.nanos(), "ns", PEER);
      table.ours(path, "events_per_second", 1e9 / ours.nanos(), "1/s");
      table.ours(path, "bytes_allocated", ours.allocated(), "B");
      table.peer(path, "bytes_allocated", build.allocated(), "B", PEER);
    }
    table.note("on one core, with both compilers; the peer builds and serialises an exec event");
  }
}
