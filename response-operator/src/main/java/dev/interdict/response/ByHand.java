package dev.interdict.response;

import dev.interdict.response.ContainmentRecord.Approval;
import dev.interdict.response.ContainmentRecord.Times;
import dev.interdict.response.Policy.Actions;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Entity;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A containment that a person asks for: written down and carried out as that of a policy. */
final class ByHand {
  static final String RULE = "by-hand";
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private ByHand() {}

  static String alertId(String request) {
    return RULE + "-" + request;
  }

  static ContainmentRecord contain(
      Book book, Courier courier, String request, String by, Entity target, Actions actions)
      throws IOException {
    long now = book.now();
    String alertId = alertId(request);
    ContainmentRecord known = book.ledger().get(ContainmentRecord.idOf(alertId));
    if (known != null) {
      return known;
    }
    Alert alert =
        Alert.newBuilder()
            .setId(alertId)
            .setRuleId(RULE)
            .setRuleTitle("asked for by " + by)
            .setTime(now)
            .setEntity(target)
            .build();
    ContainmentRecord record =
        new ContainmentRecord(
            ContainmentRecord.idOf(alert),
            ContainmentState.DECIDED,
            "asked for by " + by + ": " + actions.text(),
            "",
            actions.cut(),
            actions.freeze(),
            actions.ttl(),
            Workloads.NONE.key(alert.getEntity()),
            Approval.NONE.decidedBy(by),
            List.of(),
            Times.decided(now, now, now, now, now + LIMIT.toNanos()),
            alert);
    book.decide(record);
    try {
      book.sync();
    } finally {
      courier.contain(record.id()); // A disk that is full does not disarm.
    }
    return record;
  }
}
