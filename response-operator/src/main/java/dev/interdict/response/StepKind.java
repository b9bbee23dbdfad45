package dev.interdict.response;

import dev.interdict.schema.ResponseStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a policy can have done after a containment: by whom, with what, and whether it is undone.
 */
public enum StepKind {
  SAVE_WINDOW(Place.NODE, Subject.ANY, Undo.NEVER, Allowed.before()),
  SAVE_EVIDENCE(Place.NODE, Subject.ANY, Undo.NEVER, Allowed.before()),
  KILL_PROCESS(Place.NODE, Subject.ANY, Undo.NEVER),
  KILL_TREE(Place.NODE, Subject.ANY, Undo.NEVER),
  KILL_CGROUP(Place.NODE, Subject.ANY, Undo.NEVER),
  RESTART_CONTAINER(Place.NODE, Subject.CONTAINER, Undo.NEVER),

  ORPHAN(Place.ORCHESTRATOR, Subject.POD, Undo.BEFORE_THE_END),
  NETWORK_POLICY(Place.ORCHESTRATOR, Subject.POD, Undo.AFTER_THE_END),
  EVICT_POD(
      Place.ORCHESTRATOR,
      Subject.POD,
      Undo.NEVER,
      Parameter.flag("bare"),
      Allowed.grace("grace", Duration.ZERO)),
  DELETE_POD(
      Place.ORCHESTRATOR,
      Subject.POD,
      Undo.NEVER,
      Parameter.flag("bare"),
      Allowed.grace("grace", Duration.ZERO)),
  ROLLOUT_RESTART(Place.ORCHESTRATOR, Subject.POD, Undo.NEVER),
  SCALE_TO_ZERO(Place.ORCHESTRATOR, Subject.POD, Undo.AFTER_THE_END),
  ANNOTATE(
      Place.ORCHESTRATOR,
      Subject.ANY,
      Undo.AFTER_THE_END,
      Parameter.choice("on", "pod", "pod", "owner", "node"),
      Parameter.text("key", null, Allowed.KEY, Allowed.KEY_TEXT),
      Parameter.text("value", null, Pattern.compile(".{1,1024}"), "1 to 1024 characters")),
  CHECKPOINT(
      Place.ORCHESTRATOR, Subject.POD, Undo.NEVER, Allowed.grace("timeout", Duration.ofMinutes(1))),
  CORDON(Place.ORCHESTRATOR, Subject.ANY, Undo.AFTER_THE_END),
  DRAIN(Place.ORCHESTRATOR, Subject.ANY, Undo.AFTER_THE_END, Allowed.grace("grace", Duration.ZERO)),
  TAINT(
      Place.ORCHESTRATOR,
      Subject.ANY,
      Undo.AFTER_THE_END,
      Parameter.text("key", "interdict.dev/contained", Allowed.KEY, Allowed.KEY_TEXT),
      Parameter.text(
          "value",
          "true",
          Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"),
          "a label's value, 1 to 63 characters"),
      Parameter.choice("effect", "NoSchedule", "NoSchedule", "PreferNoSchedule", "NoExecute"));

  /** Who carries it out. */
  public enum Place {
    NODE,
    ORCHESTRATOR
  }

  /** What the alert must be about. */
  enum Subject {
    ANY,
    CONTAINER,
    POD,
    /** A process outside of containers. */
    HOST
  }

  /** When it is taken back, unless the step says {@code keep: true}. */
  public enum Undo {
    NEVER,
    /** While the node still holds the containment. */
    BEFORE_THE_END,
    AFTER_THE_END
  }

  /** Apart, since an enum's constants come before its other fields. */
  private static final class Allowed {
    static final String KEY_TEXT =
        "a key of an annotation, such as example.org/incident, and none of Kubernetes' own";
    static final Pattern KEY =
        Pattern.compile(
            "(?!([a-z0-9.-]*\\.)?(kubernetes|k8s)\\.io/)"
                + "([a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?/)?"
                + "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

    static Parameter before() {
      return Parameter.duration(
          "before", Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofDays(7));
    }

    static Parameter grace(String name, Duration otherwise) {
      return Parameter.duration(name, otherwise, Duration.ofSeconds(1), Duration.ofHours(1));
    }
  }

  private final Place place;
  private final Subject subject;
  private final Undo undo;
  private final List<Parameter> parameters;

  StepKind(Place place, Subject subject, Undo undo, Parameter... parameters) {
    this.place = place;
    this.subject = subject;
    this.undo = undo;
    this.parameters = List.of(parameters);
  }

  static StepKind of(ResponseStep step) {
    return valueOf(step.getAction().name());
  }

  /** Null if there is none. */
  static StepKind named(String text) {
    for (StepKind kind : values()) {
      if (kind.text().equals(text)) {
        return kind;
      }
    }
    return null;
  }

  static String names() {
    List<String> names = new ArrayList<>();
    for (StepKind kind : values()) {
      names.add(kind.text());
    }
    return String.join(", ", names);
  }

  /** As policies write it: kill-tree. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public Place place() {
    return place;
  }

  public Undo undo() {
    return undo;
  }

  Subject subject() {
    return subject;
  }

  ResponseStep.Action action() {
    return ResponseStep.Action.valueOf(name());
  }

  /** Each that the kind has, with its default where the step does not say it. */
  Map<String, String> read(YamlMap step) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      values.put(parameter.name(), parameter.read().apply(step));
    }
    return values;
  }
}
