package dev.interdict.jobs.alert;

import dev.interdict.cep.KeyExpression;
import dev.interdict.schema.Alert;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Incident;
import dev.interdict.schema.Incident.Told;
import dev.interdict.schema.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/** Alerts of one container, or of one lineage of processes on the host, as one story. */
final class Incidents {
  /** Of the node's time, without any finding: what comes later is another incident. */
  static final long QUIET_NANOS = Duration.ofHours(1).toNanos();

  private static final int MAX_RULES = 32;
  private static final int MAX_SCORE = 100;
  private static final int NEW_TECHNIQUE = 5;
  private static final int TOLD_IN_SUMMARY = 4;
  private static final int ID_BYTES = 16;
  private static final KeyExpression ENTITY = KeyExpression.entity();

  private Incidents() {}

  /** The container, else the lineage of the process that completed the finding. */
  static String keyOf(Alert alert) {
    int last = alert.getEvidenceCount() - 1;
    if (last < 0 || !alert.getEvidence(last).hasEvent()) {
      return alert.getKey();
    }
    byte[] event = alert.getEvidence(last).getEvent().toByteArray();
    String[] key = {alert.getKey()};
    ENTITY.evaluate(new EventView().wrap(event, 0, event.length), value -> key[0] = value);
    return key[0];
  }

  static Incident begin(String key, Alert first) {
    return Incident.newBuilder()
        .setId(id(key, first))
        .setKey(key)
        .setFirstTime(first.getTime())
        .build();
  }

  static boolean takes(Incident incident, Alert finding) {
    return finding.getTime() - incident.getLastTime() < QUIET_NANOS;
  }

  static Incident add(Incident incident, Alert finding) {
    Incident.Builder grown =
        incident.toBuilder()
            .setFindings(incident.getFindings() + 1)
            .setLastTime(Math.max(incident.getLastTime(), finding.getTime()));
    boolean known = false;
    for (Told.Builder told : grown.getRulesBuilderList()) {
      if (told.getRuleId().equals(finding.getRuleId())) {
        told.setFindings(told.getFindings() + 1);
        known = true;
      }
    }
    if (!known && grown.getRulesCount() == MAX_RULES) {
      grown.setMoreRules(grown.getMoreRules() + 1);
    } else if (!known) {
      grown.addRules(
          Told.newBuilder()
              .setRuleId(finding.getRuleId())
              .setTitle(finding.getRuleTitle())
              .setLevel(finding.getLevel())
              .setFindings(1)
              .addAllTechniques(finding.getTechniquesList()));
    }
    return grown.setScore(score(grown)).setSummary(summary(grown, finding)).build();
  }

  /**
   * The weight of the worst rule, half the weight of each other one, and something for each
   * technique beyond the first: many things that are each doubtful make a certain one.
   */
  private static int score(Incident.Builder incident) {
    int worst = 0;
    int sum = 0;
    Set<String> techniques = new HashSet<>();
    for (Told rule : incident.getRulesList()) {
      int weight = weight(rule.getLevel());
      worst = Math.max(worst, weight);
      sum += weight;
      techniques.addAll(rule.getTechniquesList());
    }
    int score = worst + (sum - worst) / 2 + NEW_TECHNIQUE * Math.max(0, techniques.size() - 1);
    return Math.min(MAX_SCORE, score);
  }

  private static int weight(Level level) {
    return switch (level) {
      case CRITICAL -> 80;
      case HIGH -> 50;
      case MEDIUM -> 25;
      case LOW -> 10;
      default -> 2;
    };
  }

  private static String summary(Incident.Builder incident, Alert finding) {
    StringBuilder text = new StringBuilder();
    if (finding.getEntity().hasContainer()) {
      String name = finding.getEntity().getContainer().getName();
      text.append("Container ")
          .append(name.isEmpty() ? finding.getEntity().getContainer().getId() : name);
    } else {
      text.append("Processes around ").append(finding.getEntity().getExe());
    }
    text.append(" on node ").append(finding.getEntity().getNode()).append(": ");
    for (int i = 0; i < Math.min(TOLD_IN_SUMMARY, incident.getRulesCount()); i++) {
      text.append(i == 0 ? "" : ", then ").append(incident.getRules(i).getTitle());
      if (incident.getRules(i).getFindings() > 1) {
        text.append(" (").append(incident.getRules(i).getFindings()).append(" times)");
      }
    }
    int more = incident.getRulesCount() - TOLD_IN_SUMMARY + incident.getMoreRules();
    if (more > 0) {
      text.append(", and ").append(more).append(more == 1 ? " other rule" : " other rules");
    }
    return text.append(", within ")
        .append(duration(incident.getLastTime() - incident.getFirstTime()))
        .append("; score ")
        .append(incident.getScore())
        .append('.')
        .toString();
  }

  private static String duration(long nanos) {
    if (nanos < 1_000_000_000L) {
      return nanos / 1_000_000 + " ms";
    }
    long seconds = nanos / 1_000_000_000L;
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200
            ? seconds / 60 + " min"
            : String.format(Locale.ROOT, "%d h", seconds / 3600);
  }

  private static String id(String key, Alert first) {
    String text = "incident\n" + first.getEntity().getNode() + "\n" + key + "\n" + first.getId();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
