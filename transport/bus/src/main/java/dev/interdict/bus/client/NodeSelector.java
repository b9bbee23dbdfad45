package dev.interdict.bus.client;

import dev.interdict.schema.NodeInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which nodes are meant: those whose name or id matches one of the globs and that have all of the
 * labels. Without globs any name does.
 */
public record NodeSelector(List<String> names, Map<String, String> labels) {
  public static final NodeSelector ALL = new NodeSelector(List.of(), Map.of());

  public NodeSelector {
    names = List.copyOf(names);
    labels = Map.copyOf(labels);
  }

  /** Reads {@code web-*,zone=a}: what has a = is a label, all else a name, an id or a glob. */
  public static NodeSelector parse(String text) {
    List<String> names = new ArrayList<>();
    Map<String, String> labels = new LinkedHashMap<>();
    for (String part : text.split(",")) {
      String trimmed = part.trim();
      int equals = trimmed.indexOf('=');
      if (equals == 0) {
        throw new IllegalArgumentException(
            "invalid node selector `" + text + "`: a label without a name");
      } else if (equals > 0) {
        labels.put(trimmed.substring(0, equals), trimmed.substring(equals + 1));
      } else if (!trimmed.isEmpty()) {
        names.add(trimmed);
      }
    }
    return new NodeSelector(names, labels);
  }

  public boolean matches(NodeInfo node) {
    return node.getLabelsMap().entrySet().containsAll(labels.entrySet())
        && (names.isEmpty()
            || names.stream()
                .anyMatch(glob -> matches(glob, node.getName()) || matches(glob, node.getId())));
  }

  private static boolean matches(String glob, String text) {
    return glob.equals(text)
        || Pattern.matches(("\\Q" + glob + "\\E").replace("*", "\\E.*\\Q"), text);
  }
}
