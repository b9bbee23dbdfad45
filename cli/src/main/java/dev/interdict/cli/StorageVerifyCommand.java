package dev.interdict.cli;

import dev.interdict.storage.PositionAudit;
import dev.interdict.storage.PositionAudit.Epoch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "verify",
    description = {
      "Proves that each Position of each node is in the archive once, or in a gap that says so.",
      "Exits 1 if one is doubled or missing, or a file cannot be read."
    },
    mixinStandardHelpOptions = true)
final class StorageVerifyCommand implements Callable<Integer> {
  @Mixin private StorageOptions options;

  @Override
  public Integer call() throws IOException {
    List<String> faults = new ArrayList<>();
    List<Epoch> epochs = PositionAudit.run(options.catalog(), options.progress(), faults::add);
    options.endProgress();
    boolean complete = faults.isEmpty() && epochs.stream().allMatch(Epoch::complete);
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("complete", complete);
    object.put("epochs", epochs.stream().map(StorageVerifyCommand::values).toList());
    object.put("faults", faults);
    options.print(object, () -> text(epochs, faults));
    return complete ? ExitCode.OK : ExitCode.FAILED;
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
              epoch.complete()
                  ? "complete"
                  : epoch.doubled()
                      + " doubled, "
                      + epoch.missing()
                      + " missing"
                      + (epoch.missing() == 0 ? "" : " from " + epoch.missingFirst() + " on"));
    }
    faults.forEach(options.out()::println);
    if (epochs.isEmpty() && faults.isEmpty()) {
      options.out().println("no events yet");
    }
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
    return values;
  }
}
