package dev.interdict.cli;

import dev.interdict.agent.event.EventSink;
import dev.interdict.agent.kernel.Hook;
import dev.interdict.agent.kernel.Sensor;
import dev.interdict.agent.kernel.SensorConfig;
import dev.interdict.agent.kernel.SensorStats;
import dev.interdict.schema.EventJson;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "trace",
    description = "Print what happens on this host as the kernel reports it, until Ctrl-C.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict agent trace --kinds exec,connect",
      "  interdict agent trace --kinds readline,tls   what is typed and asked for, secrets masked",
      "  interdict agent trace --container web --json | jq .process.command_line"
    })
final class AgentTraceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--kinds",
      split = ",",
      paramLabel = "KIND",
      description =
          "Only these; `interdict agent probe` lists them. Default: all that a recorder keeps.")
  private List<String> kinds = List.of();

  @Option(
      names = "--container",
      paramLabel = "NAME",
      description = "Only containers of this name, pod, or whose id begins so.")
  private String container;

  @Option(names = "--json", description = "One JSON object per line.")
  private boolean json;

  @Option(names = "--count", paramLabel = "N", description = "Stop after so many events.")
  private long count = Long.MAX_VALUE;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Printer printer = new Printer(spec.commandLine().getOut());
    try (Sensor sensor = start(printer)) {
      PrintWriter err = spec.commandLine().getErr();
      for (Hook hook : Hook.unseen(sensor.hooks())) {
        err.println("not seen: " + hook.kind() + " (" + hook.hook() + ": " + hook.reason() + ")");
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(sensor, printer, err)));
      printer.done.await();
    }
    return ExitCode.OK;
  }

  private Sensor start(Printer printer) throws IOException {
    Set<Kind> wanted = EnumSet.noneOf(Kind.class);
    try {
      kinds.forEach(name -> wanted.add(Kinds.parse(name.strip())));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage(), e);
    }
    if (wanted.isEmpty()) {
      wanted.addAll(SensorConfig.defaults().kinds());
    }
    return Sensor.start(SensorConfig.defaults().withKinds(wanted), printer);
  }

  private static void finish(Sensor sensor, Printer printer, PrintWriter err) {
    sensor.close();
    SensorStats stats = sensor.stats();
    long lost = stats.kinds().stream().mapToLong(SensorStats.PerKind::lost).sum();
    err.println();
    err.println(printer.printed + " events, " + lost + " lost");
    err.flush();
  }

  /** Prints on the sensor's thread: who reads slowly loses events, which a gap tells. */
  private final class Printer implements EventSink {
    private final PrintWriter out;
    private final EventView view = new EventView();
    private final TraceLine line = new TraceLine();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long printed; // written by the sensor's thread only

    Printer(PrintWriter out) {
      this.out = out;
      if (!json) {
        out.println(TraceLine.HEADER);
        out.flush();
      }
    }

    @Override
    public void accept(int lane, byte[] buffer, int offset, int length) {
      view.wrap(buffer, offset, length);
      if (view.kind() == Kind.TICK_VALUE || printed >= count || !inContainer()) {
        return;
      }
      out.println(json ? EventJson.toJson(view) : line.format(view));
      printed = printed + 1;
      if (printed >= count) {
        done.countDown();
      }
    }

    private boolean inContainer() {
      if (container == null || view.kind() == Kind.GAP_VALUE) {
        return true;
      }
      String id = view.string(Field.CONTAINER_ID);
      return id != null
          && (id.startsWith(container)
              || container.equals(view.string(Field.CONTAINER_NAME))
              || container.equals(view.string(Field.CONTAINER_POD)));
    }

    @Override
    public void flush() {
      out.flush();
      if (out.checkError()) { // the reader of a pipe went away
        done.countDown();
      }
    }
  }
}
