package dev.interdict.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A container without a container engine: a cgroup v2, namespaces for mounts, processes, hostname
 * and IPC, a root file system of read-only views of the host's programs with an {@code /etc} of its
 * own, and a bundle of its cgroup's name that tells the agent what it is. It shares the host's
 * network. Everything it made is gone after {@link #close}; {@link #sweep} removes what a killed
 * owner left behind.
 */
public final class DemoContainer implements AutoCloseable {
  public static final Path BUNDLES = Path.of("/run/interdict/bundles");

  static final String ID_PREFIX = "interdict-demo-";
  private static final Duration DESTROY_LIMIT = Duration.ofSeconds(10);
  private static final String SHADOW =
      "root:$6$interdict$demo.not.a.real.hash:20000:0:99999:7:::\n";

  private final String id;
  private final String name;
  private final DemoCgroup cgroup;
  private final Path bundle;
  private final Process process;

  private DemoContainer(String id, String name, DemoCgroup cgroup, Path bundle, Process process) {
    this.id = id;
    this.name = name;
    this.cgroup = cgroup;
    this.bundle = bundle;
    this.process = process;
  }

  /** Runs {@code command} as the container's first process; its output is {@link #process}'s. */
  public static DemoContainer start(String name, String image, List<String> command)
      throws IOException {
    requireName(name);
    requireName(image);
    byte[] random = new byte[12];
    new SecureRandom().nextBytes(random);
    String id = ID_PREFIX + HexFormat.of().formatHex(random);
    Path bundle = BUNDLES.resolve(id);
    DemoCgroup cgroup = null;
    try {
      writeBundle(bundle, id, name, image);
      cgroup = DemoCgroup.create(id);
      List<String> line = new ArrayList<>();
      line.addAll(List.of("/bin/sh", bundle.resolve("container.sh").toString(), "enter"));
      line.addAll(List.of(bundle.toString(), cgroup.path().toString()));
      line.addAll(command);
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getOutputStream().close();
      return new DemoContainer(id, name, cgroup, bundle, process);
    } catch (IOException e) {
      if (cgroup != null) {
        cgroup.destroy(DESTROY_LIMIT);
      }
      deleteTree(bundle);
      throw e;
    }
  }

  public String id() {
    return id;
  }

  public String name() {
    return name;
  }

  /** Below the cgroup v2 root, as events and commands name it. */
  public String cgroup() {
    return cgroup.name();
  }

  public Path cgroupPath() {
    return cgroup.path();
  }

  public long cgroupId() throws IOException {
    return cgroup.id();
  }

  /** Read from the kernel's {@code cgroup.events}, not from what was asked for. */
  public boolean frozen() throws IOException {
    return cgroup.frozen();
  }

  public List<Long> pids() throws IOException {
    return cgroup.pids();
  }

  /** The process on the host that waits for the container's first one. */
  public Process process() {
    return process;
  }

  /** Kills every process of it, frozen ones too, and removes cgroup and files. */
  @Override
  public void close() throws IOException {
    cgroup.destroy(DESTROY_LIMIT);
    process.destroyForcibly();
    deleteTree(bundle);
  }

  /**
   * Removes the containers whose owner is no longer alive.
   *
   * @return the ids of what was removed
   */
  public static List<String> sweep() throws IOException {
    List<String> swept = new ArrayList<>();
    for (DemoCgroup cgroup : DemoCgroup.existing(ID_PREFIX)) {
      String id = cgroup.path().getFileName().toString();
      if (!ownerAlive(BUNDLES.resolve(id))) {
        cgroup.destroy(DESTROY_LIMIT);
        swept.add(id);
      }
    }
    if (Files.isDirectory(BUNDLES)) {
      try (Stream<Path> bundles = Files.list(BUNDLES)) {
        for (Path bundle : bundles.toList()) {
          if (Files.exists(bundle.resolve("owner")) && !ownerAlive(bundle)) {
            deleteTree(bundle);
            String id = bundle.getFileName().toString();
            if (!swept.contains(id)) {
              swept.add(id);
            }
          }
        }
      }
    }
    return swept;
  }

  /** The first line that the container prints and that starts with {@code prefix}. */
  String awaitLine(BufferedReader output, String prefix) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(prefix)) {
        return line.substring(prefix.length()).strip();
      }
      seen.append("\n  ").append(line);
    }
    try {
      process.waitFor(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String code = process.isAlive() ? "still running" : "exit code " + process.exitValue();
    throw new IOException(
        "container " + name + " never printed `" + prefix + "` (" + code + "):" + seen);
  }

  private static void writeBundle(Path bundle, String id, String name, String image)
      throws IOException {
    Files.createDirectories(bundle.getParent());
    Files.createDirectory(
        bundle, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(bundle.resolve("owner"), owner(ProcessHandle.current().pid()));
    Files.createDirectory(bundle.resolve("rootfs"));
    Path etc = Files.createDirectory(bundle.resolve("etc"));
    Files.writeString(etc.resolve("hostname"), name + "\n");
    Files.writeString(etc.resolve("hosts"), "127.0.0.1 localhost\n");
    Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/root:/bin/bash\n");
    Files.writeString(etc.resolve("group"), "root:x:0:\n");
    Path shadow = etc.resolve("shadow");
    Files.writeString(shadow, SHADOW);
    Files.setPosixFilePermissions(shadow, PosixFilePermissions.fromString("rw-------"));
    if (Files.exists(Path.of("/etc/ld.so.cache"))) {
      Files.copy(Path.of("/etc/ld.so.cache"), etc.resolve("ld.so.cache"));
    }
    Path srv = Files.createDirectories(bundle.resolve("srv/images"));
    Files.createFile(srv.resolve("logo.png"));
    copyResource("container.sh", bundle.resolve("container.sh"));
    String service = VulnerableService.class.getSimpleName() + ".class";
    Path classes =
        bundle.resolve("srv/" + VulnerableService.class.getPackageName().replace('.', '/'));
    Files.createDirectories(classes);
    copyResource(service, classes.resolve(service));
    Files.write(bundle.resolve("mounts"), javaMounts());
    Files.writeString(bundle.resolve("config.json"), config(id, name, image));
  }

  /** Folders outside {@code /usr} that this JVM's installation needs, in the container as well. */
  private static List<String> javaMounts() throws IOException {
    List<String> mounts = new ArrayList<>();
    Path home = Path.of(System.getProperty("java.home")).toRealPath();
    if (!home.startsWith("/usr")) {
      mounts.add(home.toString());
    }
    Path security = home.resolve("conf/security/java.security").toRealPath();
    if (!security.startsWith("/usr") && !security.startsWith(home)) {
      mounts.add(security.getParent().getParent().toString());
    }
    return mounts;
  }

  private static String config(String id, String name, String image) {
    return """
    {
      "ociVersion": "1.0.2",
      "hostname": "%s",
      "root": {"path": "rootfs", "readonly": true},
      "linux": {"cgroupsPath": "/%s"},
      "annotations": {
        "dev.interdict.container.name": "%s",
        "org.opencontainers.image.ref.name": "%s",
        "dev.interdict.container.runtime": "interdict-demo"
      }
    }
    """
        .formatted(name, id, name, image);
  }

  /** A process and the time it was started, so that a reused pid is not taken for the owner. */
  private static String owner(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return pid + " " + stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21)[19];
  }

  private static boolean ownerAlive(Path bundle) throws IOException {
    Path file = bundle.resolve("owner");
    if (!Files.exists(file)) {
      return false;
    }
    String recorded = Files.readString(file);
    int space = recorded.indexOf(' ');
    if (space <= 0 || !Files.exists(Path.of("/proc/" + recorded.substring(0, space)))) {
      return false;
    }
    return recorded.equals(owner(Long.parseLong(recorded.substring(0, space))));
  }

  private static void copyResource(String resource, Path to) throws IOException {
    try (InputStream in = DemoContainer.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException(resource + " is missing from this build");
      }
      Files.copy(in, to);
    }
  }

  private static void requireName(String name) {
    if (!name.matches("[a-z0-9][a-z0-9./:_-]{0,127}")) {
      throw new IllegalArgumentException(
          "invalid name `"
              + name
              + "`: expected lower-case letters, digits and ./:_- (128 at most)");
    }
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      List<Path> paths = new ArrayList<>(tree.toList());
      for (int i = paths.size() - 1; i >= 0; i--) {
        Files.delete(paths.get(i));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
