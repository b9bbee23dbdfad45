package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Level;
import dev.interdict.schema.ResponseEntry;
import java.io.IOException;

/**
 * Goes the way of an alert before the first one does, as far as it leaves no trace but the log's
 * start entry: decided, written, synced, signed. A cold process takes hundreds of milliseconds for
 * that, and an attack should not get them.
 */
final class Rehearsal {
  private static final int ROUNDS = 12;

  private Rehearsal() {}

  static void run(Policies policies, Commands commands, AlertLog log, long now) throws IOException {
    Alert alert =
        Alert.newBuilder()
            .setId("rehearsal")
            .setLevel(Level.CRITICAL)
            .setTime(now)
            .setEntity(
                Entity.newBuilder()
                    .setNode("none")
                    .setCgroup("/none")
                    .setContainer(Container.getDefaultInstance()))
            .addEvidence(Evidence.getDefaultInstance())
            .build();
    Policies enforcing = Policies.enforcingContainers();
    for (int i = 0; i < ROUNDS; i++) {
      Ledger ledger = new Ledger();
      new Decider(policies, ledger, Workloads.NONE).decide(AlertLog.fitting(alert), now, now);
      ContainmentRecord record =
          new Decider(enforcing, ledger, Workloads.NONE).decide(alert, now, now);
      ledger.put(record);
      commands.contain(record, 0, now);
      ResponseEntry entry = LogEntries.entry(record, ResponseEntry.Kind.DECISION, now);
      LogEntries.record(ResponseEntry.parseFrom(entry.toByteArray()), alert);
    }
    log.started(policies.names(), now);
  }
}
