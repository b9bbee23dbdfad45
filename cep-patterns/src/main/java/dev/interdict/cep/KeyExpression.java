package dev.interdict.cep;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the events of a sequence have in common, computed from each event by itself. Two events
 * belong together if their keys have equal text. The text begins with what it denotes, so that a
 * parent's id at one step equals a process's id at another: {@code process=00000000000000af}.
 */
public final class KeyExpression implements Serializable {
  private static final long serialVersionUID = 1;

  /** A value of a key, labelled by what it denotes. */
  private record Part(Source source, KindFields fields, String label, boolean folded)
      implements Serializable {}

  private enum Source {
    ENTITY,
    CONTAINER,
    LINEAGE,
    TREE,
    NODE,
    FIELD
  }

  private final List<Part> parts;

  private KeyExpression(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /** All events of a node. */
  public static KeyExpression node() {
    return new KeyExpression(List.of(new Part(Source.NODE, null, "node", false)));
  }

  /** The container if the process is in one, else its lineage on the host. */
  public static KeyExpression entity() {
    return new KeyExpression(List.of(new Part(Source.ENTITY, null, "entity", false)));
  }

  /**
   * A field under a name given by the author; compared without regard to case, as Sigma compares.
   */
  public static KeyExpression labelled(String label, KindFields fields) {
    return new KeyExpression(List.of(new Part(Source.FIELD, fields, label, true)));
  }

  /**
   * @param names {@code entity}, {@code container}, {@code lineage}, {@code tree}, {@code node} or
   *     dotted field names; several are compared together
   * @throws IllegalArgumentException with the reason
   */
  public static KeyExpression parse(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("empty key");
    }
    List<Part> parts = new ArrayList<>();
    for (String name : names) {
      parts.add(part(name));
    }
    return combine(parts);
  }

  /** All of the given keys together. */
  public static KeyExpression all(List<KeyExpression> keys) {
    List<Part> parts = new ArrayList<>();
    keys.forEach(key -> parts.addAll(key.parts));
    return combine(parts);
  }

  private static KeyExpression combine(List<Part> parts) {
    if (parts.size() > 1 && parts.stream().anyMatch(KeyExpression::multiple)) {
      throw new IllegalArgumentException(
          "a key with several values per event (tree, ancestors.*, process.args) must stand alone");
    }
    return new KeyExpression(parts);
  }

  private static Part part(String name) {
    switch (name) {
      case "entity":
        return new Part(Source.ENTITY, null, "entity", false);
      case "container":
        return new Part(Source.CONTAINER, null, "container", false);
      case "lineage":
        return new Part(Source.LINEAGE, null, "lineage", false);
      case "process":
        return new Part(Source.FIELD, KindFields.of(Field.PROCESS_ID), "process", false);
      case "tree":
        return new Part(Source.TREE, null, "process", false);
      case "node":
        return new Part(Source.NODE, null, "node", false);
      default:
        Field field = Field.byName(name);
        if (field == null) {
          throw new IllegalArgumentException(
              "unknown key "
                  + name
                  + ": expected entity, container, lineage, process, tree, node or a field");
        }
        if (field.type() == Field.Type.BOOL) {
          throw new IllegalArgumentException("invalid key " + name + ": a flag joins nothing");
        }
        return new Part(Source.FIELD, KindFields.of(field), denotes(field), false);
    }
  }

  private static String denotes(Field field) {
    return switch (field) {
      case PROCESS_ID, PARENT_ID, ANCESTOR_IDS, EXEC_WRITER_ID, FORK_CHILD_ID, TARGET_ID ->
          "process";
      case PROCESS_EXE,
          PARENT_EXE,
          ANCESTOR_EXES,
          FILE_PATH,
          FILE_TARGET,
          DUP_PATH,
          TARGET_EXE,
          CODE_PATH ->
          "path";
      case PROCESS_UID, PROCESS_EUID, PARENT_UID -> "uid";
      case CONNECTION_LOCAL_ADDRESS, CONNECTION_REMOTE_ADDRESS -> "address";
      case CONNECTION_LOCAL_PORT, CONNECTION_REMOTE_PORT -> "port";
      case CONTAINER_ID -> "container";
      default -> field.dotted();
    };
  }

  private static boolean multiple(Part part) {
    return part.source == Source.TREE || (part.fields != null && part.fields.isList());
  }

  /** Whether one event may have several keys; it then takes part under each of them. */
  public boolean multiple() {
    return multiple(parts.get(0));
  }

  /** Keys of different kind are never equal: a sequence that mixes them can never finish. */
  public boolean comparableTo(KeyExpression other) {
    return labels().equals(other.labels());
  }

  private List<String> labels() {
    return parts.stream().map(Part::label).toList();
  }

  /** Gives each key that the event has; none if it lacks a part of it. */
  public void evaluate(EventView event, Consumer<String> keys) {
    if (parts.size() == 1) {
      evaluate(parts.get(0), event, keys);
      return;
    }
    StringBuilder text = new StringBuilder();
    boolean[] complete = {true};
    for (Part part : parts) {
      int before = text.length();
      evaluate(part, event, value -> text.append(before == 0 ? "" : ",").append(value));
      complete[0] &= text.length() > before;
    }
    if (complete[0]) {
      keys.accept(text.toString());
    }
  }

  private static void evaluate(Part part, EventView event, Consumer<String> keys) {
    switch (part.source) {
      case NODE -> keys.accept("node");
      case CONTAINER -> text(part.label, event.string(Field.CONTAINER_ID), keys);
      case LINEAGE -> lineage(event, keys);
      case ENTITY -> {
        String container = event.string(Field.CONTAINER_ID);
        if (container != null && !container.isEmpty()) {
          keys.accept("container=" + container);
        } else {
          lineage(event, keys);
        }
      }
      case TREE -> {
        id("process", event.number(Field.PROCESS_ID), keys);
        for (long ancestor : event.longs(Field.ANCESTOR_IDS)) {
          id("process", ancestor, keys);
        }
      }
      case FIELD -> field(part, event, keys);
    }
  }

  private static void lineage(EventView event, Consumer<String> keys) {
    id("lineage", Lineage.root(event), keys);
  }

  private static void field(Part part, EventView event, Consumer<String> keys) {
    Field field = part.fields.of(event.kind());
    if (field == null) {
      return;
    }
    switch (field.type()) {
      case STRING -> {
        String value = event.string(field);
        text(part.label, value == null || !part.folded ? value : fold(value), keys);
      }
      case STRINGS -> {
        for (String value : event.strings(field)) {
          text(part.label, part.folded ? fold(value) : value, keys);
        }
      }
      case LONGS -> {
        for (long value : event.longs(field)) {
          number(part, field, value, keys);
        }
      }
      case LONG, BOOL -> {
        if (event.has(field)) {
          number(part, field, event.number(field), keys);
        }
      }
    }
  }

  private static String fold(String value) {
    StringBuilder folded = new StringBuilder(value);
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        folded.setCharAt(i, (char) (c + 32));
      }
    }
    return folded.toString();
  }

  private static void number(Part part, Field field, long value, Consumer<String> keys) {
    if (denotes(field).equals("process")) {
      id(part.label, value, keys);
    } else {
      keys.accept(part.label + "=" + value);
    }
  }

  private static void text(String label, String value, Consumer<String> keys) {
    if (value != null && !value.isEmpty()) {
      keys.accept(label + "=" + value);
    }
  }

  private static void id(String label, long id, Consumer<String> keys) {
    if (id != 0) {
      keys.accept(label + "=" + String.format("%016x", id));
    }
  }

  @Override
  public String toString() {
    return parts.stream()
        .map(part -> part.fields == null ? part.label : part.fields.toString())
        .collect(Collectors.joining(","));
  }
}
