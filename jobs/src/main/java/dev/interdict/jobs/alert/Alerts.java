package dev.interdict.jobs.alert;

import com.google.protobuf.InvalidProtocolBufferException;
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
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

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
    Alert.Builder alert =
        Alert.newBuilder()
            .setRuleId(rule.id())
            .setRuleTitle(rule.title())
            .setRuleAuthor(rule.author())
            .setLevel(rule.level())
            .addAllTechniques(rule.techniques());
    return finish(alert, key[0], List.of(step), List.of(event));
  }

  /**
   * @param steps names of the steps, one for each event
   */
  public static Alert of(
      Sequence sequence, String key, List<String> steps, List<NodeEvent> events) {
    Alert.Builder alert =
        Alert.newBuilder()
            .setRuleId(sequence.id())
            .setRuleTitle(sequence.title())
            .setRuleAuthor(sequence.author())
            .setLevel(sequence.level())
            .addAllTechniques(sequence.techniques());
    return finish(alert, key, steps, events);
  }

  private static Alert finish(
      Alert.Builder alert, String key, List<String> steps, List<NodeEvent> events) {
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
        .setMessage(message(alert.getRuleTitle(), steps, events, entity))
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

  private static String message(
      String title, List<String> steps, List<NodeEvent> events, Entity entity) {
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
    if (events.size() > 1) {
      long millis = events.get(events.size() - 1).timeMillis() - events.get(0).timeMillis();
      text.append(", after ")
          .append(steps.stream().limit(steps.size() - 1L).collect(Collectors.joining(", ")))
          .append(" within ")
          .append(millis)
          .append(" ms: ")
          .append(steps.get(steps.size() - 1));
    }
    return text.append('.').toString();
  }
}
