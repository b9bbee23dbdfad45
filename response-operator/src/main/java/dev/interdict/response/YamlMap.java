package dev.interdict.response;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** One mapping of a file. Its keys are asked for one by one; {@link #end} refuses the others. */
final class YamlMap {
  private static final int MAX_VALUES = 1000;
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  private final String file;
  private final String path;
  private final Node node;
  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();

  YamlMap(String file, String path, Node node) {
    this.file = file;
    this.path = path;
    this.node = node;
    if (!(node instanceof MappingNode mapping)) {
      throw problem(node, (path.isEmpty() ? "a policy" : path) + " must be a mapping");
    }
    for (NodeTuple entry : mapping.getValue()) {
      String key = scalar(entry.getKeyNode(), "a key");
      if (entries.put(key, entry) != null) {
        throw problem(entry.getKeyNode(), "key " + name(key) + " stands here twice");
      }
    }
  }

  /** Null if absent. */
  YamlMap map(String key) {
    Node value = value(key);
    return value == null ? null : new YamlMap(file, name(key), value);
  }

  String required(String key) {
    String text = text(key, "");
    if (text.isEmpty()) {
      throw problem(node, "missing key " + name(key));
    }
    return text;
  }

  String text(String key, String otherwise) {
    Node value = value(key);
    return value == null ? otherwise : scalar(value, name(key));
  }

  /** One value or a list of them; empty if absent. */
  List<String> texts(String key) {
    Node value = value(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof SequenceNode sequence)) {
      return List.of(scalar(value, name(key)));
    }
    if (sequence.getValue().isEmpty() || sequence.getValue().size() > MAX_VALUES) {
      throw problem(
          value,
          "invalid "
              + name(key)
              + ".length="
              + sequence.getValue().size()
              + " limit="
              + MAX_VALUES);
    }
    List<String> texts = new ArrayList<>();
    for (Node each : sequence.getValue()) {
      texts.add(scalar(each, name(key)));
    }
    return texts;
  }

  List<Glob> globs(String key) {
    return texts(key).stream().map(Glob::new).toList();
  }

  /** Mappings in their order; empty if absent. */
  List<YamlMap> maps(String key, int limit) {
    Node value = value(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof SequenceNode sequence) || sequence.getValue().size() > limit) {
      throw problem(value, name(key) + " must be a list of at most " + limit);
    }
    List<YamlMap> maps = new ArrayList<>();
    for (Node each : sequence.getValue()) {
      maps.add(new YamlMap(file, name(key), each));
    }
    return maps;
  }

  /** Every key, whatever it is, with its one value. */
  Map<String, Glob> allGlobs() {
    if (entries.size() > MAX_VALUES) {
      throw problem("invalid " + path + ".length=" + entries.size() + " limit=" + MAX_VALUES);
    }
    Map<String, Glob> globs = new LinkedHashMap<>();
    for (String key : entries.keySet()) {
      globs.put(key, new Glob(text(key, "")));
    }
    return globs;
  }

  /** Null if absent. */
  Boolean flag(String key) {
    Node value = value(key);
    if (value == null) {
      return null;
    }
    return switch (scalar(value, name(key))) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid(key, "true or false");
    };
  }

  boolean flag(String key, boolean otherwise) {
    Boolean flag = flag(key);
    return flag == null ? otherwise : flag;
  }

  int number(String key, int otherwise, int least, int most) {
    Node value = value(key);
    if (value == null) {
      return otherwise;
    }
    String text = scalar(value, name(key));
    int number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    if (number < least || number > most) {
      throw invalid(key, least + " to " + most);
    }
    return number;
  }

  /** A number with ms, s, m, h or d. */
  Duration duration(String key, Duration otherwise, Duration least, Duration most) {
    Node value = value(key);
    if (value == null) {
      return otherwise;
    }
    Matcher matcher = DURATION.matcher(scalar(value, name(key)));
    if (!matcher.matches()) {
      throw invalid(key, "a number with ms, s, m, h or d, as in 10m");
    }
    long number = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        };
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw invalid(key, least.toSeconds() + "s to " + most.toSeconds() + "s");
    }
    return duration;
  }

  /** To be thrown: the value of this key is not what it must be. */
  InvalidPolicyException invalid(String key, String expected) {
    Node value = value(key);
    return problem(
        value, "invalid " + name(key) + "=" + scalar(value, name(key)) + " expected " + expected);
  }

  /** To be thrown: the mapping as a whole does not make sense. */
  InvalidPolicyException problem(String what) {
    return problem(node, what);
  }

  /** Every key that is known has been asked for by now. */
  void end() {
    for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw problem(
            entry.getValue().getKeyNode(),
            "unknown key " + name(entry.getKey()) + ", known: " + String.join(", ", known));
      }
    }
  }

  private Node value(String key) {
    known.add(key);
    NodeTuple entry = entries.get(key);
    return entry == null ? null : entry.getValueNode();
  }

  private String scalar(Node value, String what) {
    if (!(value instanceof ScalarNode scalar) || scalar.getValue().isEmpty()) {
      throw problem(value, what + " must be a single value and not empty");
    }
    return scalar.getValue();
  }

  private String name(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private InvalidPolicyException problem(Node where, String what) {
    return new InvalidPolicyException(
        file, where.getStartMark().map(Mark::getLine).orElse(0) + 1, what);
  }
}
