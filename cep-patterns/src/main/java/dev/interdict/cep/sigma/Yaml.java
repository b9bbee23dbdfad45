package dev.interdict.cep.sigma;

import dev.interdict.cep.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** A value of a rule file that knows its line. */
public final class Yaml {
  public enum Type {
    NULL,
    TEXT,
    NUMBER,
    FLAG,
    LIST,
    MAP
  }

  private static final int MAX_CHARACTERS = 4 << 20;
  private static final int MAX_DEPTH = 40;

  private final Location at;
  private final Type type;
  private final String text;
  private final List<Yaml> items;
  private final Map<String, Yaml> entries;
  private final Map<String, Location> keys;

  private Yaml(
      Location at,
      Type type,
      String text,
      List<Yaml> items,
      Map<String, Yaml> entries,
      Map<String, Location> keys) {
    this.at = at;
    this.type = type;
    this.text = text;
    this.items = items;
    this.entries = entries;
    this.keys = keys;
  }

  /**
   * Every document of the file that is not empty.
   *
   * @throws RuleSyntaxException where the text is not YAML
   */
  public static List<Yaml> documents(String file, String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setSchema(new CoreSchema())
            .setCodePointLimit(MAX_CHARACTERS)
            .setMaxAliasesForCollections(50)
            .build();
    List<Yaml> documents = new ArrayList<>();
    try {
      for (Node node : new Compose(settings).composeAllFromString(text)) {
        Yaml document = of(file, node, 0);
        if (document.type != Type.NULL) {
          documents.add(document);
        }
      }
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      throw new RuleSyntaxException(new Location(file, line), "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new RuleSyntaxException(new Location(file, 1), "not YAML: " + e.getMessage());
    }
    return documents;
  }

  private static Yaml of(String file, Node node, int depth) {
    Location at = location(file, node);
    if (depth > MAX_DEPTH) {
      throw new RuleSyntaxException(at, "nested deeper than limit=" + MAX_DEPTH);
    }
    if (node instanceof MappingNode mapping) {
      Map<String, Yaml> entries = new LinkedHashMap<>();
      Map<String, Location> keys = new LinkedHashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        Location keyAt = location(file, tuple.getKeyNode());
        if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
          throw new RuleSyntaxException(keyAt, "a key must be plain text");
        }
        String key = scalar.getValue();
        if (entries.put(key, of(file, tuple.getValueNode(), depth + 1)) != null) {
          throw new RuleSyntaxException(keyAt, "duplicate key " + key);
        }
        keys.put(key, keyAt);
      }
      return new Yaml(at, Type.MAP, null, null, entries, keys);
    }
    if (node instanceof SequenceNode sequence) {
      List<Yaml> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(of(file, item, depth + 1));
      }
      return new Yaml(at, Type.LIST, null, items, null, null);
    }
    String text = ((ScalarNode) node).getValue();
    return new Yaml(at, type(node.getTag()), text, null, null, null);
  }

  private static Type type(Tag tag) {
    if (tag.equals(Tag.NULL)) {
      return Type.NULL;
    } else if (tag.equals(Tag.BOOL)) {
      return Type.FLAG;
    }
    return tag.equals(Tag.INT) || tag.equals(Tag.FLOAT) ? Type.NUMBER : Type.TEXT;
  }

  private static Location location(String file, Node node) {
    return new Location(file, node.getStartMark().map(Mark::getLine).orElse(0) + 1);
  }

  public Location at() {
    return at;
  }

  /** Line of the key, not of its value. */
  public Location at(String key) {
    return keys != null && keys.containsKey(key) ? keys.get(key) : at;
  }

  public Type type() {
    return type;
  }

  public boolean scalar() {
    return type != Type.LIST && type != Type.MAP;
  }

  public RuleSyntaxException problem(String message) {
    return new RuleSyntaxException(at, message);
  }

  /** The scalar as written, without quotes; null is the empty text. */
  public String text() {
    if (!scalar()) {
      throw problem("expected a single value, found a " + (type == Type.MAP ? "map" : "list"));
    }
    return type == Type.NULL ? "" : text;
  }

  public boolean flag() {
    if (type != Type.FLAG) {
      throw problem("expected true or false" + (scalar() ? ", found " + text : ""));
    }
    return text.equalsIgnoreCase("true");
  }

  /** The items of a list; a single value is a list of one. */
  public List<Yaml> items() {
    return type == Type.LIST ? items : List.of(this);
  }

  public Map<String, Yaml> entries() {
    if (type != Type.MAP) {
      throw problem("expected a map");
    }
    return entries;
  }

  public boolean has(String key) {
    return type == Type.MAP && entries.containsKey(key);
  }

  /**
   * @throws RuleSyntaxException for a key that is none of these
   */
  void known(Set<String> keys) {
    for (String key : entries().keySet()) {
      if (!keys.contains(key)) {
        throw new RuleSyntaxException(
            at(key),
            "unknown key " + key + ": expected one of " + String.join(", ", new TreeSet<>(keys)));
      }
    }
  }

  /** Null where the map has no such key. */
  public Yaml get(String key) {
    return entries().get(key);
  }

  public Yaml need(String key) {
    Yaml value = get(key);
    if (value == null) {
      throw problem("missing " + key);
    }
    return value;
  }

  /** The text under the key, or empty. */
  public String textOf(String key) {
    Yaml value = get(key);
    return value == null ? "" : value.text().strip();
  }

  public List<String> textsOf(String key) {
    Yaml value = get(key);
    return value == null || value.type == Type.NULL
        ? List.of()
        : value.items().stream().map(Yaml::text).toList();
  }
}
