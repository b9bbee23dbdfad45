package dev.interdict.jobs.alert;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.cep.Count;
import dev.interdict.cep.Described;
import dev.interdict.cep.KeyExpression;
import dev.interdict.cep.Rule;
import dev.interdict.cep.Sequence;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Makes alerts of findings: the same finding gives the same id wherever and whenever it is made.
 */
public final class Alerts {
  private static final int ID_BYTES = 16;
  private static final KeyExpression ENTITY = KeyExpression.entity();

  private Alerts() {}

  /** Of a rule that alerts by itself; its key is what the process belongs to. */
  public static Alert of(Rule rule, EventView view, NodeEvent event) {
    String[] key = {"node"};
    ENTITY.evaluate(view, value -> key[0] = value);
    String step = rule.name().isEmpty() ? rule.title() : rule.name();
    return finish(rule, key[0], List.of(step), List.of(event), "");
  }

  /**
   * @param steps names of the steps, one for each event
   */
  public static Alert of(
      Sequence sequence, String key, List<String> steps, List<NodeEvent> events) {
    return finish(sequence, key, steps, events, after(steps, events));
  }

  /**
   * @param parts names of what was hit, one for each event that is shown
   * @param measured what the threshold held for
   */
  public static Alert of(
      Count count, String key, List<String> parts, List<NodeEvent> events, double measured) {
    return finish(count, key, parts, events, measured(count, measured));
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

  private static Alert finish(
      Described by, String key, List<String> steps, List<NodeEvent> events, String how) {
    Alert.Builder alert =
        Alert.newBuilder()
            .setRuleId(by.id())
            .setRuleTitle(by.title())
            .setRuleAuthor(by.author())
            .setLevel(by.level())
            .addAllTechniques(by.techniques());
    NodeEvent last = events.get(events.size() - 1);
    Entity entity = Entity.getDefaultInstance();
    for (int i = 0; i < events.size(); i++) {
      NodeEvent event = events.get(i);
      Event body = parse(event);
      alert.addEvidence(
          Evidence.newBuilder().setStep(steps.get(i)).setPosition(position(event)).setEvent(body));
      entity = entity(event, body);
    }
    Instant now = Instant.now();
    return alert
        .setId(id(alert.getRuleId(), key, events))
        .setKey(key)
        .setEntity(entity)
        .setTime(last.time())
        .setDetectedTime(now.getEpochSecond() * 1_000_000_000L + now.getNano())
        .setMessage(message(by.title(), entity) + how + ".")
        .build();
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

  private static String after(List<String> steps, List<NodeEvent> events) {
    if (events.size() < 2) {
      return "";
    }
    long millis = events.get(events.size() - 1).timeMillis() - events.get(0).timeMillis();
    return ", after "
        + String.join(", ", steps.subList(0, steps.size() - 1))
        + " within "
        + millis
        + " ms: "
        + steps.get(steps.size() - 1);
  }
}
