package dev.interdict.cep.sigma;

import dev.interdict.cep.About;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Rules and correlations as correlations and sequences name them: by id or by name. */
final class References {
  private final Consumer<Yaml> reader;
  private final Map<String, Part> parts = new HashMap<>();
  private final Map<String, String> refused = new HashMap<>();
  private final Map<String, Yaml> unread = new HashMap<>();
  private final Set<String> reading = new HashSet<>();
  private final Set<String> mistaken = new HashSet<>();
  private final Deque<Set<Integer>> used = new ArrayDeque<>();

  /**
   * @param reader reads a correlation that another needs
   */
  References(Consumer<Yaml> reader) {
    this.reader = reader;
  }

  void add(Part part) {
    parts.put(part.about().id(), part);
    parts.put(part.about().name(), part);
  }

  void addRefused(About about, String reason) {
    refused.put(about.id(), reason);
    refused.put(about.name(), reason);
  }

  void addUnread(About about, Yaml document) {
    unread.put(about.id(), document);
    unread.put(about.name(), document);
  }

  /** What is asked for until {@link #end} is asked for by this one. */
  void begin(About about) {
    for (String name : List.of(about.id(), about.name())) {
      unread.remove(name);
      reading.add(name);
    }
    used.push(new HashSet<>());
  }

  /** Numbers of what was asked for. */
  Set<Integer> end(About about) {
    for (String name : List.of(about.id(), about.name())) {
      reading.remove(name);
      if (!parts.containsKey(name) && !refused.containsKey(name)) {
        mistaken.add(name);
      }
    }
    return used.pop();
  }

  /**
   * @throws RefusedException where one of them is refused itself
   */
  List<Part> parts(List<Yaml> names) {
    List<Part> found = new ArrayList<>();
    for (Yaml yaml : names) {
      Part part = part(yaml, yaml.text().strip());
      found.add(part);
      used.peek().add(part.hit());
    }
    return found;
  }

  private Part part(Yaml yaml, String name) {
    if (!name.isEmpty()) {
      Yaml document = unread.get(name);
      if (document != null) {
        reader.accept(document);
      }
      if (parts.containsKey(name)) {
        return parts.get(name);
      }
      if (refused.containsKey(name)) {
        throw new RefusedException("needs rule " + name + ", refused: " + refused.get(name));
      }
      if (reading.contains(name)) {
        throw yaml.problem("needs itself through " + name);
      }
      if (mistaken.contains(name)) {
        throw yaml.problem("needs " + name + ", which has a mistake");
      }
    }
    throw yaml.problem("no rule has the id or name " + name);
  }
}
