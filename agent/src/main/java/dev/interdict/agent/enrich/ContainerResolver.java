package dev.interdict.agent.enrich;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final int NAMES_LIMIT = 1 << 20;
  private static final String CONTAINERD_TASKS = "io.containerd.runtime.v2.task";
  private static final List<String> INSIDE = List.of("config.json", "userdata/config.json");
  private static final String RUNTIME = "dev.interdict.container.runtime";
  private static final List<String> NAME =
      List.of(
          "io.kubernetes.cri.container-name",
          "io.kubernetes.container.name",
          "nerdctl/name",
          "dev.interdict.container.name");
  private static final List<String> IMAGE =
      List.of(
          "io.kubernetes.cri.image-name",
          "io.kubernetes.cri-o.ImageName",
          "org.opencontainers.image.ref.name");
  private static final List<String> POD =
      List.of("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name");
  private static final List<String> NAMESPACE =
      List.of("io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace");
  private static final Pattern SCOPE =
      Pattern.compile(
          "(?:(cri-containerd|crio|docker|libpod|nerdctl)-)?([0-9a-f]{64})(?:\\.scope)?");
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  private final List<Path> bundles;

  /**
   * @param bundles folders that hold one folder per container, named by its id; containerd's also
   *     one level deeper, by its namespaces; Docker's and Podman's, which know names, too
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

  /** Null where there is none. Runtimes differ in what stands between the folder and the file. */
  private Path bundle(String id) {
    for (Path folder : bundles) {
      for (String inside : INSIDE) {
        Path config = folder.resolve(id).resolve(inside);
        if (Files.isRegularFile(config)) {
          return config;
        }
      }
      if (!folder.endsWith(CONTAINERD_TASKS)) {
        continue;
      }
      try (DirectoryStream<Path> namespaces = Files.newDirectoryStream(folder)) {
        for (Path namespace : namespaces) {
          Path config = namespace.resolve(id).resolve("config.json");
          if (Files.isRegularFile(config)) {
            return config;
          }
        }
      } catch (IOException e) {
        continue; // this runtime is not here
      }
    }
    return null;
  }

  private ContainerIdentity describe(String id, String runtime) {
    Path config = bundle(id);
    Bundle bundle = config == null ? null : read(config);
    String name = annotation(bundle, NAME);
    String image = annotation(bundle, IMAGE);
    if (name == null) { // Docker and Podman keep it elsewhere
      Map<String, Object> docker = dockerConfig(id);
      String slashed = JsonTree.text(docker, "Name");
      name = slashed != null && slashed.startsWith("/") ? slashed.substring(1) : slashed;
      image = image != null ? image : JsonTree.text(JsonTree.object(docker, "Config"), "Image");
    }
    if (name == null) {
      name = podmanName(id);
    }
    String known = runtime != null ? runtime : annotation(bundle, List.of(RUNTIME));
    return new ContainerIdentity(
        id,
        name,
        image,
        annotation(bundle, POD),
        annotation(bundle, NAMESPACE),
        known != null || config == null ? known : runtimeOf(config.toString()));
  }

  private static String runtimeOf(String bundle) {
    if (bundle.contains("/" + CONTAINERD_TASKS + "/")) {
      return bundle.contains("/moby/") ? "docker" : "containerd";
    }
    return bundle.contains("/overlay-containers/") ? "podman" : null;
  }

  /** How far it is kept apart; null where its bundle is gone or cannot be read. */
  public Confinement confinement(String id) {
    Path config = bundle(id);
    Bundle bundle = config == null ? null : read(config);
    return bundle == null ? null : bundle.confinement();
  }

  /** Null while it is being written or if it is gone: the id alone is known. */
  private static Bundle read(Path config) {
    try {
      return Bundle.read(config);
    } catch (IOException e) {
      return null;
    }
  }

  private static String annotation(Bundle bundle, List<String> keys) {
    if (bundle != null) {
      for (String key : keys) {
        String value = bundle.annotation(key);
        if (value != null) {
          return value;
        }
      }
    }
    return null;
  }

  private Map<String, Object> dockerConfig(String id) {
    for (Path folder : bundles) {
      Path config = folder.resolve(id).resolve("config.v2.json");
      if (Files.isRegularFile(config)) {
        try {
          return JsonTree.readObject(config, NAMES_LIMIT);
        } catch (IOException e) {
          return Map.of();
        }
      }
    }
    return Map.of();
  }

  /** {@code containers.json} lists them all. */
  private String podmanName(String id) {
    for (Path folder : bundles) {
      Path list = folder.resolve("containers.json");
      if (!Files.isRegularFile(list)) {
        continue;
      }
      try {
        for (Object each : JsonTree.readList(list, NAMES_LIMIT)) {
          Map<String, Object> container = JsonTree.object(each);
          List<?> names = JsonTree.list(container, "names");
          if (id.equals(container.get("id")) && !names.isEmpty()) {
            return names.get(0).toString();
          }
        }
      } catch (IOException e) {
        continue;
      }
    }
    return null;
  }
}
