package dev.interdict.agent.enrich;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Knows a container by its cgroup's path, as the runtimes name them, and reads the rest from the
 * runtime's own bundle on this node: there before the first process runs, unlike anything that an
 * API could tell. A cgroup is also a container's if its name is that of a bundle.
 */
public final class ContainerResolver {
  private static final int CONFIG_LIMIT = 1 << 20;
  private static final Pattern SCOPE =
      Pattern.compile(
          "(?:(cri-containerd|crio|docker|libpod|nerdctl)-)?([0-9a-f]{64})(?:\\.scope)?");
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
  private static final JsonFactory JSON = new JsonFactory();

  private final List<Path> bundles;

  /**
   * @param bundles folders that hold one folder per container, named by its id
   */
  public ContainerResolver(List<Path> bundles) {
    this.bundles = List.copyOf(bundles);
  }

  /** Null where this cgroup, and every one above it, is the host's. */
  public ContainerIdentity resolve(String cgroup) {
    String[] names = cgroup.split("/");
    for (int i = names.length - 1; i > 0; i--) {
      Matcher scope = SCOPE.matcher(names[i]);
      String above = i > 1 ? names[i - 1] : "";
      if (scope.matches()) {
        return describe(scope.group(2), runtime(scope.group(1), above, cgroup));
      }
      String name =
          names[i].endsWith(".scope") ? names[i].substring(0, names[i].length() - 6) : names[i];
      if (PLAIN_NAME.matcher(name).matches() && bundle(name) != null) {
        return describe(name, null);
      }
    }
    return null;
  }

  private static String runtime(String prefix, String above, String cgroup) {
    if (prefix != null) {
      return switch (prefix) {
        case "cri-containerd", "nerdctl" -> "containerd";
        case "crio" -> "cri-o";
        case "libpod" -> "podman";
        default -> prefix;
      };
    }
    if (above.equals("docker")) {
      return "docker";
    }
    return cgroup.contains("/kubepods") ? "containerd" : null;
  }

  private Path bundle(String id) {
    for (Path folder : bundles) {
      Path config = folder.resolve(id).resolve("config.json");
      if (Files.isRegularFile(config)) {
        return config;
      }
    }
    return null;
  }

  private ContainerIdentity describe(String id, String runtime) {
    Path config = bundle(id);
    Map<String, String> notes = Map.of();
    if (config != null) {
      try {
        notes = annotations(config);
      } catch (IOException e) {
        notes = Map.of(); // being written or gone: the id alone is known
      }
    }
    return new ContainerIdentity(
        id,
        first(
            notes,
            "io.kubernetes.cri.container-name",
            "io.kubernetes.container.name",
            "dev.interdict.container.name"),
        first(
            notes,
            "io.kubernetes.cri.image-name",
            "io.kubernetes.cri-o.ImageName",
            "org.opencontainers.image.ref.name"),
        first(notes, "io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"),
        first(notes, "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"),
        runtime != null ? runtime : notes.get("dev.interdict.container.runtime"));
  }

  private static String first(Map<String, String> notes, String... keys) {
    for (String key : keys) {
      String value = notes.get(key);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }

  /** The object {@code annotations} at the top of an OCI {@code config.json}. */
  static Map<String, String> annotations(Path config) throws IOException {
    long size = Files.size(config);
    if (size > CONFIG_LIMIT) {
      throw new IOException("invalid size=" + size + " limit=" + CONFIG_LIMIT + " file=" + config);
    }
    Map<String, String> notes = new HashMap<>();
    try (JsonParser json = JSON.createParser(Files.readAllBytes(config))) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object: " + config);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals("annotations");
        if (json.nextToken() != JsonToken.START_OBJECT || !wanted) {
          json.skipChildren();
          continue;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String key = json.currentName();
          if (json.nextToken() == JsonToken.VALUE_STRING) {
            notes.put(key, json.getText());
          } else {
            json.skipChildren();
          }
        }
      }
    }
    return notes;
  }
}
