package dev.interdict.jobs.alert;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.cep.Count;
import dev.interdict.cep.Described;
import dev.interdict.cep.Exemption;
import dev.interdict.cep.KeyExpression;
import dev.interdict.cep.Rule;
import dev.interdict.cep.Sequence;
import dev.interdict.cep.Severity;
import dev.interdict.cep.ShownField;
import dev.interdict.cep.Step;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Position;
import dev.interdict.schema.Process;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Makes alerts of findings: the same finding gives the same id wherever and whenever it is made.
 */
public final class Alerts {
  private static final int ID_BYTES = 16;
  private static final KeyExpression ENTITY = KeyExpression.entity();

  /** An event of a finding, the step that it met, and what is shown of it. */
  private record Shown(String step, List<ShownField> fields, NodeEvent event) {}

  private Alerts() {}

  /** Of a rule that alerts by itself; its key is what the process belongs to. */
  public static Alert of(Rule rule, EventView view, NodeEvent event) {
    String[] key = {"node"};
    ENTITY.evaluate(view, value -> key[0] = value);
    String step = rule.name().isEmpty() ? rule.title() : rule.name();
    Shown shown = new Shown(step, rule.about().evidence(), event);
    return finish(rule, key[0], List.of(shown), "");
  }

  /**
   * @param steps one for each event
   */
  public static Alert of(Sequence sequence, String key, List<Step> steps, List<NodeEvent> events) {
    List<Shown> shown = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      shown.add(new Shown(steps.get(i).name(), steps.get(i).evidence(), events.get(i)));
    }
    return finish(sequence, key, shown, after(shown));
  }

  /**
   * @param parts what was hit, one for each event that is shown
   * @param measured what the threshold held for
   */
  public static Alert of(
      Count count, String key, List<Count.Part> parts, List<NodeEvent> events, double measured) {
    List<Shown> shown = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      shown.add(new Shown(parts.get(i).title(), parts.get(i).evidence(), events.get(i)));
    }
    return finish(count, key, shown, measured(count, measured));
  }

  private static String measured(Count count, double measured) {
    Count.Part part = count.parts().get(0);
    String number =
        measured == Math.rint(measured)
            ? Long.toString((long) measured)
            : String.format(Locale.ROOT, "%.2f", measured);
    String what =
        switch (count.measure()) {
          case EVENTS -> number + " events";
          case RULES -> number + " rules";
          case VALUES -> number + " values of " + part.value();
          case SUM -> part.number() + " sums up to " + number;
          case AVERAGE -> part.number() + " is on average " + number;
          case PERCENTILE ->
              "percentile " + count.percentile() + " of " + part.number() + " is " + number;
          case SHARE ->
              number + " values of " + part.value() + " with a share " + count.threshold() + " %";
        };
    return ", " + what + " within " + text(count.within());
  }

  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  /** As it is where an exception holds: kept and listed, and nobody acts on it. */
  public static Alert suppressed(Alert alert, Exemption exemption) {
    return alert.toBuilder()
        .setSuppressedBy(exemption.id())
        .setSuppressedReason(
            "%s (%s, until %s)"
                .formatted(exemption.reason(), exemption.owner(), exemption.expires()))
        .build();
  }

  private static Alert finish(Described by, String key, List<Shown> evidence, String how) {
    List<NodeEvent> events = evidence.stream().map(Shown::event).toList();
    Alert.Builder alert =
        Alert.newBuilder()
            .setRuleId(by.id())
            .setRuleTitle(by.title())
            .setRuleAuthor(by.author())
            .setLevel(by.level())
            .addAllTechniques(by.techniques())
            .setResponse(by.about().response());
    Severity severity = by.about().severity(events.stream().map(NodeEvent::body).toList());
    if (severity != null) {
      alert.setLevel(severity.level()).setLevelReason(severity.reason());
    }
    Entity entity = Entity.getDefaultInstance();
    for (Shown shown : evidence) {
      Event body = parse(shown.event);
      alert.addEvidence(
          Evidence.newBuilder()
              .setStep(shown.step)
              .setPosition(position(shown.event))
              .setEvent(body)
              .putAllFields(fields(shown)));
      entity = entity(shown.event, body);
    }
    Instant now = Instant.now();
    return alert
        .setId(id(alert.getRuleId(), key, events))
        .setKey(key)
        .setEntity(entity)
        .setTime(events.get(events.size() - 1).time())
        .setDetectedTime(now.getEpochSecond() * 1_000_000_000L + now.getNano())
        .setMessage(message(by.title(), entity) + how + ".")
        .build();
  }

  private static Map<String, String> fields(Shown shown) {
    Map<String, String> values = new LinkedHashMap<>();
    EventView view = shown.fields.isEmpty() ? null : new EventView();
    for (ShownField field : shown.fields) {
      byte[] body = shown.event.body();
      String value = field.value(view.wrap(body, 0, body.length));
      if (value != null) {
        values.put(field.name(), value);
      }
    }
    return values;
  }

  private static Event parse(NodeEvent event) {
    try {
      return Event.parseFrom(event.body());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(event + " was matched but cannot be parsed", e);
    }
  }

  private static Position position(NodeEvent event) {
    return Position.newBuilder()
        .setNode(event.node().toString())
        .setEpoch(event.epoch())
        .setSequence(event.sequence())
        .build();
  }

  static String id(String rule, String key, List<NodeEvent> events) {
    StringBuilder text = new StringBuilder(rule).append('\n').append(key);
    events.forEach(event -> text.append('\n').append(event.position()));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  private static Entity entity(NodeEvent event, Event body) {
    Process process = body.getProcess();
    Entity.Builder entity =
        Entity.newBuilder()
            .setNode(event.node().toString())
            .setProcessId(process.getId())
            .setPid(process.getPid())
            .setStartTime(process.getStartTime())
            .setExe(process.getExe())
            .setCgroupId(process.getCgroupId())
            .setCgroup(process.getCgroup());
    if (process.hasContainer()) {
      entity.setContainer(process.getContainer());
    }
    return entity.build();
  }

  private static String message(String title, Entity entity) {
    StringBuilder text = new StringBuilder(title);
    if (!entity.getExe().isEmpty()) {
      text.append(": ")
          .append(entity.getExe())
          .append(" (pid ")
          .append(entity.getPid())
          .append(')');
    }
    if (entity.hasContainer()) {
      String name = entity.getContainer().getName();
      text.append(" in container ").append(name.isEmpty() ? entity.getContainer().getId() : name);
    }
    return text.toString();
  }

  private static String after(List<Shown> evidence) {
    if (evidence.size() < 2) {
      return "";
    }
    Shown last = evidence.get(evidence.size() - 1);
    long millis = last.event.timeMillis() - evidence.get(0).event.timeMillis();
    return ", after "
        + evidence.stream()
            .limit(evidence.size() - 1L)
            .map(Shown::step)
            .collect(Collectors.joining(", "))
        + " within "
        + millis
        + " ms: "
        + last.step;
  }
}
