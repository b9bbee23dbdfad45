package dev.interdict.response.kubernetes;

import dev.interdict.response.ContainmentRecord;
import dev.interdict.response.ContainmentState;
import dev.interdict.response.ContainmentSummary;
import dev.interdict.response.StepOrder;
import dev.interdict.schema.Container;
import dev.interdict.schema.ResponseStep;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A record of the responder's log as a resource says it. */
final class ContainmentText {
  private ContainmentText() {}

  /** Without a status. */
  static Containment resource(ContainmentRecord record) {
    Containment resource = new Containment();
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withName(record.id())
            .addToLabels("app.kubernetes.io/managed-by", "interdict")
            .build());
    Containment.Spec spec = new Containment.Spec();
    spec.intent = intent(record);
    resource.setSpec(spec);
    return resource;
  }

  private static Containment.Intent intent(ContainmentRecord record) {
    ContainmentSummary summary = ContainmentSummary.of(record);
    Container container = record.alert().getEntity().getContainer();
    Containment.Intent intent = new Containment.Intent();
    intent.alert = record.alertId();
    intent.rule = record.rule();
    intent.title = record.alert().getRuleTitle();
    intent.policy = record.policy();
    intent.node = record.node();
    intent.namespace = container.getNamespace();
    intent.pod = container.getPod();
    intent.container = record.container();
    intent.image = container.getImage();
    intent.workload = record.workload();
    intent.cgroup = record.cgroup();
    intent.cut = record.cut();
    intent.freeze = record.freeze();
    intent.ttl = record.ttl().toSeconds() + "s";
    intent.then = new ArrayList<>();
    for (int i = 0; i < record.steps().size(); i++) {
      intent.then.add(name(record, i));
    }
    intent.time = summary.time().toString();
    return intent;
  }

  /** Fields of {@link Containment.Status} by name; a null takes away what was there. */
  static Map<String, Object> status(ContainmentRecord record) {
    ContainmentSummary summary = ContainmentSummary.of(record);
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("state", state(record.state()));
    status.put("reason", record.reason());
    status.put("steps", steps(record));
    status.put("did", did(record));
    status.put("until", summary.until() == null ? null : summary.until().toString());
    status.put(
        "containedAfter",
        summary.containMillis() < 0
            ? null
            : String.format(Locale.ROOT, "%.1fms", summary.containMillis()));
    return status;
  }

  /** As Kubernetes writes them: InForce. */
  static String state(ContainmentState state) {
    StringBuilder text = new StringBuilder();
    for (String word : state.name().split("_")) {
      text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  private static List<String> steps(ContainmentRecord record) {
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < record.steps().size(); i++) {
      ResponseStep step = record.steps().get(i);
      String text =
          name(record, i)
              + ": "
              + step.getState().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      text += step.getReason().isEmpty() ? "" : ", " + step.getReason();
      if (step.getUndone() != 0) {
        text += step.getUndo() == ResponseStep.Undo.UNDONE ? "; undone" : "; not undone";
        text += step.getUndoReason().isEmpty() ? "" : ", " + step.getUndoReason();
      }
      steps.add(text);
    }
    return steps;
  }

  private static String did(ContainmentRecord record) {
    List<String> did = new ArrayList<>();
    if (record.times().verified() != 0) {
      if (record.cut()) {
        did.add("cut");
      }
      if (record.freeze()) {
        did.add("frozen");
      }
    }
    for (int i = 0; i < record.steps().size(); i++) {
      if (record.steps().get(i).getState() == ResponseStep.State.DONE) {
        did.add(name(record, i));
      }
    }
    return String.join(", ", did);
  }

  private static String name(ContainmentRecord record, int step) {
    return new StepOrder(record, step, "").kind().text();
  }

  /** For an event: what happened, in a sentence. */
  static String sentence(ContainmentRecord record) {
    Duration ttl = record.ttl();
    String what =
        switch (record.state()) {
          case IN_FORCE -> "contained (" + did(record) + ") for " + ttl.toSeconds() + " s";
          case WAITING -> "waits for a person's approval to be contained";
          case RELEASED -> "released";
          case EXPIRED -> "contained no more, its time is over";
          default -> state(record.state()).toLowerCase(Locale.ROOT);
        };
    String title = record.alert().getRuleTitle();
    return "%s: %s%s [containment %s]"
        .formatted(
            title,
            what,
            record.reason().isEmpty() ? "" : " (" + record.reason() + ")",
            record.id());
  }
}
