package dev.interdict.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Evidence;
import java.util.List;
import java.util.Locale;

/**
 * What a demo measured.
 *
 * @param events rows of the archive at the end
 * @param warmUp the first attack, reported apart: the virtual machine has not compiled the road yet
 * @param attacks the others
 * @param evidenceRows rows found in Parquet under the Positions that the alerts name
 * @param failure null, or which step did not happen
 */
record DemoResult(
    long events,
    List<Alert> alerts,
    Strike warmUp,
    List<Strike> attacks,
    long evidenceRows,
    String failure) {

  /**
   * One attack and how it ended.
   *
   * @param detectMillis alert emitted minus kernel time of the event that completed the sequence
   * @param containMillis verified frozen and cut on the node, minus the same kernel time
   * @param frozen read from the container's own cgroup.events
   * @param cut the attacker's connection carried nothing more
   */
  record Strike(
      double detectMillis, double containMillis, boolean frozen, boolean cut, String cgroup) {}

  boolean frozen() {
    return !attacks.isEmpty() && attacks.stream().allMatch(Strike::frozen);
  }

  boolean cut() {
    return !attacks.isEmpty() && attacks.stream().allMatch(Strike::cut);
  }

  double medianDetectMillis() {
    return median(attacks.stream().mapToDouble(Strike::detectMillis).sorted().toArray());
  }

  double medianContainMillis() {
    return median(attacks.stream().mapToDouble(Strike::containMillis).sorted().toArray());
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** One line. Times that were not measured are null. */
  String toJson() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("events", events);
    ArrayNode list = json.putArray("alerts");
    alerts.forEach(alert -> append(list.addObject(), alert));
    number(json, "detect_ms", medianDetectMillis());
    number(json, "detect_ms_first", warmUp == null ? Double.NaN : warmUp.detectMillis());
    number(json, "contain_ms", medianContainMillis());
    number(json, "contain_ms_first", warmUp == null ? Double.NaN : warmUp.containMillis());
    ArrayNode each = json.putArray("contain_ms_each");
    attacks.forEach(strike -> each.add(strike.containMillis()));
    json.put("evidence_rows", evidenceRows);
    json.put("frozen", frozen());
    json.put("cut", cut());
    json.put("cgroup", attacks.isEmpty() ? null : attacks.get(attacks.size() - 1).cgroup());
    json.put("failure", failure);
    return json.toString();
  }

  private static void append(ObjectNode json, Alert alert) {
    json.put("id", alert.getId());
    json.put("rule_id", alert.getRuleId());
    json.put("rule_title", alert.getRuleTitle());
    json.put("level", alert.getLevel().name().toLowerCase(Locale.ROOT));
    json.put("technique", String.join(",", alert.getTechniquesList()));
    json.put("key", alert.getKey());
    ArrayNode evidence = json.putArray("evidence");
    for (Evidence item : alert.getEvidenceList()) {
      evidence
          .addObject()
          .put("step", item.getStep())
          .put("node", item.getPosition().getNode())
          .put("epoch", item.getPosition().getEpoch())
          .put("sequence", item.getPosition().getSequence());
    }
  }

  private static void number(ObjectNode json, String name, double value) {
    if (Double.isNaN(value)) {
      json.putNull(name);
    } else {
      json.put(name, Math.round(value * 1000) / 1000.0);
    }
  }
}
