package dev.interdict.agent.enrich;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What an OCI runtime was told to make: {@code config.json}. */
final class Bundle {
  private static final int CONFIG_LIMIT = 1 << 20;

  /** Every container shares the others with the host unless told not to. */
  private static final List<String> NAMESPACES = List.of("pid", "network", "ipc", "uts", "mount");

  /** Of the host, with what is below. */
  private static final List<String> SENSITIVE =
      List.of(
          "/etc",
          "/root",
          "/home",
          "/boot",
          "/dev",
          "/proc",
          "/sys",
          "/usr",
          "/bin",
          "/sbin",
          "/lib",
          "/lib64",
          "/var/log",
          "/var/spool/cron",
          "/var/lib/kubelet",
          "/var/lib/docker",
          "/var/lib/containerd",
          "/var/lib/containers",
          "/var/lib/etcd");

  private static final Set<String> SENSITIVE_ALONE =
      Set.of("/", "/var", "/run", "/var/run", "/var/lib", "/run/containerd", "/opt", "/mnt");

  /** What runtimes and kubelets mount into every container, or anybody may read. */
  private static final List<String> USUAL =
      List.of(
          "/etc/resolv.conf",
          "/etc/hosts",
          "/etc/hostname",
          "/etc/localtime",
          "/etc/timezone",
          "/etc/ssl/certs",
          "/etc/pki/ca-trust",
          "/etc/ca-certificates",
          "/usr/share",
          "/usr/local/share",
          "/dev/shm",
          "/dev/null",
          "/sys/fs/cgroup",
          "/var/lib/kubelet/pods",
          "/var/lib/docker/volumes",
          "/var/lib/docker/containers",
          "/var/lib/containers/storage",
          "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes",
          "/var/lib/containerd/io.containerd.internal.v1.shim");

  private final Map<String, Object> config;

  private Bundle(Map<String, Object> config) {
    this.config = config;
  }

  static Bundle read(Path file) throws IOException {
    return new Bundle(JsonTree.readObject(file, CONFIG_LIMIT));
  }

  /** Null where there is none or it is empty. */
  String annotation(String key) {
    String value = JsonTree.text(JsonTree.object(config, "annotations"), key);
    return value == null || value.isEmpty() ? null : value;
  }

  Confinement confinement() {
    Set<String> capabilities = capabilities();
    Map<String, Object> linux = JsonTree.object(config, "linux");
    boolean privileged =
        capabilities.contains("sys_admin")
            && JsonTree.list(linux, "maskedPaths").isEmpty()
            && everyDevice(linux);
    return new Confinement(
        privileged,
        String.join(",", capabilities),
        String.join(",", sensitiveMounts()),
        String.join(",", sharedNamespaces(linux)));
  }

  private Set<String> capabilities() {
    Map<String, Object> sets = JsonTree.object(config, "process", "capabilities");
    Set<String> names = new TreeSet<>();
    for (Object each : JsonTree.list(sets, "bounding")) {
      String name = each.toString().toLowerCase(Locale.ROOT);
      names.add(name.startsWith("cap_") ? name.substring(4) : name);
    }
    return names;
  }

  private static boolean everyDevice(Map<String, Object> linux) {
    boolean every = false;
    for (Object each : JsonTree.list(JsonTree.object(linux, "resources"), "devices")) {
      Map<String, Object> rule = JsonTree.object(each);
      boolean all = rule.get("major") == null || Long.valueOf(-1).equals(rule.get("major"));
      String type = JsonTree.text(rule, "type");
      if (all && (type == null || type.isEmpty() || type.equals("a"))) {
        every = Boolean.TRUE.equals(rule.get("allow")); // the last one counts
      }
    }
    return every;
  }

  private List<String> sensitiveMounts() {
    List<String> sources = new ArrayList<>();
    for (Object each : JsonTree.list(config, "mounts")) {
      Map<String, Object> mount = JsonTree.object(each);
      List<?> options = JsonTree.list(mount, "options");
      String source = JsonTree.text(mount, "source");
      boolean bind =
          "bind".equals(mount.get("type")) || options.contains("bind") || options.contains("rbind");
      if (bind && source != null && isSensitive(source)) {
        sources.add(source);
      }
    }
    return sources;
  }

  static boolean isSensitive(String source) {
    String path = source.length() > 1 && source.endsWith("/") ? chop(source) : source;
    if (SENSITIVE_ALONE.contains(path) || path.endsWith(".sock") && path.contains("/run/")) {
      return true;
    }
    return SENSITIVE.stream().anyMatch(each -> isAtOrBelow(path, each))
        && USUAL.stream().noneMatch(each -> isAtOrBelow(path, each));
  }

  private static String chop(String path) {
    return path.substring(0, path.length() - 1);
  }

  private static boolean isAtOrBelow(String path, String folder) {
    return path.equals(folder) || path.startsWith(folder + '/');
  }

  private static List<String> sharedNamespaces(Map<String, Object> linux) {
    Set<String> own = new HashSet<>();
    for (Object each : JsonTree.list(linux, "namespaces")) {
      Map<String, Object> namespace = JsonTree.object(each);
      String type = JsonTree.text(namespace, "type");
      String path = JsonTree.text(namespace, "path");
      if (type != null && (path == null || path.isEmpty() || !isHosts(type, path))) {
        own.add(type);
      }
    }
    return NAMESPACES.stream().filter(type -> !own.contains(type)).toList();
  }

  /** A container joins that of its pod, which may be the host's. */
  private static boolean isHosts(String type, String path) {
    String name = type.equals("network") ? "net" : type.equals("mount") ? "mnt" : type;
    try {
      return Files.getAttribute(Path.of(path), "unix:ino")
          .equals(Files.getAttribute(Path.of("/proc/1/ns/" + name), "unix:ino"));
    } catch (IOException e) {
      return false; // gone, or not to be looked at: the pod's own, as nearly always
    }
  }
}
