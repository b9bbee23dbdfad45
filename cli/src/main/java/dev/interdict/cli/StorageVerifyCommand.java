package dev.interdict.cli;

import dev.interdict.bus.client.BusClient;
import dev.interdict.record.EpochRange;
import dev.interdict.record.OfflineRecorder;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Presence;
import dev.interdict.storage.PositionAudit;
import dev.interdict.storage.PositionAudit.Epoch;
import dev.interdict.storage.PositionAudit.Recorded;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    description = {
      "Proves that each Position of each node is in the archive once, or in a gap that says so.",
      "With the nodes, or the directories of their recorders, also that nothing is left out at the end.",
      "Exits 1 if one is doubled, missing or behind, or a file cannot be read."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  interdict storage verify",
      "  interdict storage verify --backplane backplane:7400 --identity /etc/interdict/admin",
      "  interdict storage verify --recorder /var/lib/interdict/agent/recorder --json"
    })
final class StorageVerifyCommand implements Callable<Integer> {
  private static final long PAUSE_MILLIS = 1_000;

  @Mixin private StorageOptions options;
  @Mixin private FleetOptions fleet;

  @Option(
      names = "--recorder",
      paramLabel = "DIR",
      description = "Compare with this recorder's directory; may be repeated.")
  private List<Path> recorders = new ArrayList<>();

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "30s",
      description = {
        "How long the archive may take to commit what was recorded before the command began",
        "(default: ${DEFAULT-VALUE})."
      })
  private String patience;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration wait = StorageOptions.duration("--wait", patience);
    long end = System.nanoTime() + wait.toNanos();
    List<Recorded> recorded = recorded();
    List<String> faults = new ArrayList<>();
    List<Epoch> epochs = audit(recorded, faults);
    while (epochs.stream().anyMatch(epoch -> epoch.behind() > 0) && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      faults.clear();
      epochs = audit(recorded, faults);
    }
    options.endProgress();
    report(epochs, faults);
    return isComplete(epochs, faults) ? ExitCode.OK : ExitCode.FAILED;
  }

  private List<Epoch> audit(List<Recorded> recorded, List<String> faults) throws IOException {
    return PositionAudit.run(options.catalog(), recorded, options.progress(), faults::add);
  }

  private List<Recorded> recorded() throws IOException, InterruptedException {
    List<Recorded> recorded = new ArrayList<>();
    for (Path directory : recorders) {
      OfflineRecorder recorder = RecorderCommand.open(directory);
      for (EpochRange range : recorder.ranges()) {
        recorded.add(
            new Recorded(recorder.node().toString(), range.epoch(), range.first(), range.last()));
      }
    }
    if (fleet.given()) {
      try (BusClient client = fleet.connect("verify")) {
        FleetOptions.nodes(client).values().forEach(node -> add(node, recorded));
      }
    }
    return recorded;
  }

  private void add(Presence node, List<Recorded> recorded) {
    if (!node.hasStatus()) {
      options.err().println("interdict storage verify: " + name(node) + " tells nothing of itself");
    }
    for (NodeStatus.Range range : node.getStatus().getRangesList()) {
      recorded.add(
          new Recorded(
              node.getNode().getId(), range.getEpoch(), range.getFirst(), range.getLast()));
    }
  }

  private static String name(Presence node) {
    return PrintableText.of(node.getNode().getName()) + " (" + node.getNode().getId() + ")";
  }

  private static boolean isComplete(List<Epoch> epochs, List<String> faults) {
    return faults.isEmpty() && epochs.stream().allMatch(Epoch::complete);
  }

  private void report(List<Epoch> epochs, List<String> faults) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("complete", isComplete(epochs, faults));
    object.put("epochs", epochs.stream().map(StorageVerifyCommand::values).toList());
    object.put("faults", faults);
    options.print(object, () -> text(epochs, faults));
  }

  private void text(List<Epoch> epochs, List<String> faults) {
    for (Epoch epoch : epochs) {
      options
          .out()
          .printf(
              "%s epoch %d: %d to %d, %d events, %d in gaps, %s%n",
              epoch.node(),
              epoch.epoch(),
              epoch.first(),
              epoch.last(),
              epoch.events(),
              epoch.inGaps(),
              verdict(epoch));
    }
    faults.forEach(options.out()::println);
    if (epochs.isEmpty() && faults.isEmpty()) {
      options.out().println("no events yet");
    }
  }

  private String verdict(Epoch epoch) {
    List<String> parts = new ArrayList<>();
    if (epoch.complete()) {
      parts.add("complete");
    } else if (epoch.doubled() > 0 || epoch.missing() > 0) {
      parts.add(epoch.doubled() + " doubled");
      parts.add(
          epoch.missing()
              + " missing"
              + (epoch.missing() == 0 ? "" : " from " + epoch.missingFirst() + " on"));
    }
    if (epoch.behind() > 0) {
      parts.add(epoch.behind() + " behind the recorder at " + epoch.head());
    } else if (epoch.head() != Epoch.UNKNOWN) {
      parts.add("recorder at " + epoch.head());
    } else if (fleet.given() || !recorders.isEmpty()) {
      parts.add("recorder not asked");
    }
    return String.join(", ", parts);
  }

  private static Map<String, Object> values(Epoch epoch) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("node", epoch.node());
    values.put("epoch", epoch.epoch());
    values.put("events", epoch.events());
    values.put("first", epoch.first());
    values.put("last", epoch.last());
    values.put("in_gaps", epoch.inGaps());
    values.put("doubled", epoch.doubled());
    values.put("missing", epoch.missing());
    values.put("missing_first", epoch.missingFirst());
    values.put("head", epoch.head() == Epoch.UNKNOWN ? null : epoch.head());
    values.put("behind", epoch.behind());
    return values;
  }
}
