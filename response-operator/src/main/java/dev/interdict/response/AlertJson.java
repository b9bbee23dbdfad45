package dev.interdict.response;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Level;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Alerts as JSON lines, by the names of the alerts table: what detect and query print. Evidence is
 * left out, policies do not look at it.
 */
final class AlertJson {
  private static final JsonFactory JSON = new JsonFactory();

  private AlertJson() {}

  /**
   * @throws InvalidAlertsException naming the line
   */
  static List<Alert> read(String name, BufferedReader lines) throws IOException {
    List<Alert> alerts = new ArrayList<>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      if (alerts.size() >= Simulation.MAX_ALERTS) {
        throw new InvalidAlertsException(
            name, number, "more alerts than limit=" + Simulation.MAX_ALERTS + ": narrow the range");
      }
      try {
        alerts.add(parse(line));
      } catch (JsonProcessingException e) {
        throw new InvalidAlertsException(name, number, "not JSON: " + e.getOriginalMessage());
      } catch (IllegalArgumentException | DateTimeParseException e) {
        throw new InvalidAlertsException(name, number, e.getMessage());
      }
    }
    return alerts;
  }

  private static Alert parse(String line) throws IOException {
    Alert.Builder alert = Alert.newBuilder();
    Container.Builder container = Container.newBuilder();
    try (JsonParser json = JSON.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("an alert must be a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (value == JsonToken.START_ARRAY && (key.equals("attack") || key.equals("techniques"))) {
          while (json.nextToken() == JsonToken.VALUE_STRING) {
            alert.addTechniques(json.getText());
          }
        } else if (value.isStructStart()) {
          json.skipChildren();
        } else if (value != JsonToken.VALUE_NULL) {
          set(alert, container, key, json.getText());
        }
      }
    }
    if (alert.getId().isEmpty() || alert.getTime() == 0) {
      throw new IllegalArgumentException(
          "the alert has no " + (alert.getId().isEmpty() ? "id" : "time"));
    }
    if (container.build().getSerializedSize() > 0) {
      alert.getEntityBuilder().setContainer(container);
    }
    return alert.build();
  }

  private static void set(Alert.Builder alert, Container.Builder container, String key, String to) {
    Entity.Builder entity = alert.getEntityBuilder();
    switch (key) {
      case "id" -> alert.setId(to);
      case "time" -> alert.setTime(nanos(Instant.parse(to)));
      case "detected_time" -> alert.setDetectedTime(nanos(Instant.parse(to)));
      case "rule_id" -> alert.setRuleId(to);
      case "rule_title" -> alert.setRuleTitle(to);
      case "level" -> alert.setLevel(Level.valueOf(to.toUpperCase(Locale.ROOT)));
      case "response" -> alert.setResponse(to);
      case "suppressed_by" -> alert.setSuppressedBy(to);
      case "suppressed_reason" -> alert.setSuppressedReason(to);
      case "entity_node" -> entity.setNode(to);
      case "entity_pid" -> entity.setPid(Integer.parseUnsignedInt(to));
      case "entity_exe" -> entity.setExe(to);
      case "entity_cgroup_id" -> entity.setCgroupId(Long.parseUnsignedLong(to));
      case "entity_cgroup" -> entity.setCgroup(to);
      case "container_id" -> container.setId(to);
      case "container_name" -> container.setName(to);
      case "container_image" -> container.setImage(to);
      case "container_pod" -> container.setPod(to);
      case "container_namespace" -> container.setNamespace(to);
      case "container_runtime" -> container.setRuntime(to);
      default -> {
        // Policies do not look at the others.
      }
    }
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
