package dev.interdict.packaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Packages for hosts that run systemd: a .deb and a tar of the same tree. */
@Command(
    name = "packages",
    description = "Build packages of agent and servers for hosts: .deb and .tar.gz.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict packages",
      "  apt install ./target/packages/interdict-agent_0.1.0_amd64.deb",
      "",
      "They bring their own Java. The same sources and JDK give the same bytes."
    })
public final class Packages implements Callable<Integer> {
  private static final String EPOCH = "1793491200"; // as of the jars: 2026-11-01

  /**
   * @param units that an administrator enables; a timer brings its service
   * @param user who it runs as; empty for root
   * @param purged what purging removes of what it made
   */
  private record Host(
      String name,
      String folder,
      List<Path> jars,
      List<String> units,
      String user,
      String purged,
      String summary) {
    String prefix() {
      return "/opt/" + name;
    }
  }

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Default: target/packages of the checkout.")
  private Path output;

  @Option(
      names = "--package-version",
      paramLabel = "VERSION",
      defaultValue = "0.1.0",
      description = "Default: ${DEFAULT-VALUE}.")
  private String version;

  @Option(names = "--top", paramLabel = "DIR", defaultValue = ".", hidden = true)
  private Path top;

  private Path work;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Packages()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Checkout checkout = new Checkout(top);
    output = output == null ? top.resolve("target/packages") : output;
    Files.createDirectories(output);
    work = Files.createTempDirectory(output, ".work");
    try {
      Path runtime = work.resolve("java");
      RuntimeImage.make(runtime);
      pack(
          checkout,
          runtime,
          new Host(
              "interdict-agent",
              "agent",
              checkout.agentJars(),
              List.of("interdict-agent.service"),
              "",
              "/etc/interdict/agent /var/lib/interdict/agent /var/lib/interdict/tmp",
              "eBPF sensor and recorder of a host"));
      pack(
          checkout,
          runtime,
          new Host(
              "interdict",
              "server",
              checkout.serverJars(),
              List.of(
                  "interdict-backplane.service",
                  "interdict-detection.service",
                  "interdict-responder.service",
                  "interdict-upkeep.timer"),
              "interdict",
              "/etc/interdict/ca /etc/interdict/backplane /etc/interdict/detection"
                  + " /etc/interdict/responder /etc/interdict/admin /var/lib/interdict/server",
              "backplane, detection, responder and the interdict command"));
    } finally {
      Trees.delete(work);
    }
    return 0;
  }

  private void pack(Checkout checkout, Path runtime, Host host) throws Exception {
    Path root = work.resolve(host.name());
    Path home = root.resolve(host.prefix().substring(1));
    for (Path file : Trees.files(runtime)) {
      copy(file, home.resolve("java").resolve(runtime.relativize(file).toString()));
    }
    for (Path jar : host.jars()) {
      copy(jar, home.resolve("lib").resolve(jar.getFileName()));
    }
    for (Path options : checkout.jvmOptions()) {
      copy(options, home.resolve("jvm").resolve(options.getFileName()));
    }
    write(
        home.resolve("classpath"),
        Checkout.classpath(host.jars(), host.prefix() + "/lib"),
        "rw-r--r--");
    copy(checkout.license(), root.resolve("usr/share/doc/" + host.name() + "/copyright"));
    for (Path file : Trees.files(checkout.host(host.folder()))) {
      String name = file.getFileName().toString();
      if (name.endsWith(".service") || name.endsWith(".timer")) {
        copy(file, root.resolve("lib/systemd/system").resolve(name));
      }
    }
    copy(checkout.host(host.folder() + "/default"), root.resolve("etc/default/" + host.name()));
    write(
        root.resolve("usr/bin/" + host.name()),
        Files.readString(checkout.host("command")).replace("PREFIX", host.prefix()),
        "rwxr-xr-x");
    Path standalone = checkout.host(host.folder() + "/interdict-standalone");
    if (Files.exists(standalone)) {
      write(
          root.resolve("usr/sbin/interdict-standalone"), Files.readString(standalone), "rwxr-xr-x");
    }
    Path tar = output.resolve(host.name() + "-" + version + ".tar.gz");
    Commands.run(
        List.of(
            "tar",
            "--sort=name",
            "--mtime=@" + EPOCH,
            "--owner=0",
            "--group=0",
            "--numeric-owner",
            "--use-compress-program=gzip -n",
            "-C",
            root.toString(),
            "-cf",
            tar.toString(),
            "."));
    told(tar);
    told(deb(checkout, host, root));
  }

  private Path deb(Checkout checkout, Host host, Path root) throws Exception {
    Path control = root.resolve("DEBIAN");
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    String units = String.join(" ", host.units());
    String user =
        host.user().isEmpty()
            ? ":"
            : "id -u %1$s >/dev/null 2>&1 || useradd --system --user-group --no-create-home"
                    .formatted(host.user())
                + " --home-dir /var/lib/interdict --shell /usr/sbin/nologin "
                + host.user();
    for (String script : List.of("postinst", "prerm", "postrm")) {
      write(
          control.resolve(script),
          Files.readString(checkout.host(script))
              .replace("CREATE-USER", user)
              .replace("UNITS", units)
              .replace("PURGED", host.purged()),
          "rwxr-xr-x");
    }
    write(control.resolve("conffiles"), "/etc/default/" + host.name() + "\n", "rw-r--r--");
    write(
        control.resolve("control"),
        """
        Package: %s
        Version: %s
        Architecture: %s
        Maintainer: The Interdict project <interdict@localhost>
        Installed-Size: %d
        Depends: libc6 (>= %s), zlib1g, libstdc++6, passwd
        Section: admin
        Priority: optional
        Description: %s
         Interdict stops attacks on Linux hosts and in Kubernetes while they happen.
        """
            .formatted(host.name(), version, architecture, kibibytes(root), libc(), host.summary()),
        "rw-r--r--");
    Path deb = output.resolve(host.name() + "_" + version + "_" + architecture + ".deb");
    Commands.run(
        List.of(
            "env",
            "SOURCE_DATE_EPOCH=" + EPOCH,
            "dpkg-deb",
            "--root-owner-group",
            "-Zgzip", // jars are compressed already
            "--build",
            root.toString(),
            deb.toString()));
    return deb;
  }

  /** The runtime is this machine's own, and needs a C library that is as new. */
  private static String libc() throws IOException, InterruptedException {
    String first = Commands.run(List.of("ldd", "--version")).lines().findFirst().orElseThrow();
    return first.substring(first.lastIndexOf(' ') + 1);
  }

  private static long kibibytes(Path root) throws IOException {
    long bytes = 0;
    for (Path file : Trees.files(root)) {
      bytes += Files.size(file);
    }
    return bytes >> 10;
  }

  private static void told(Path file) throws IOException {
    System.out.printf("%s  %.1f MiB%n", file, Files.size(file) / 1048576.0);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from.toRealPath(), to);
    Files.setPosixFilePermissions(
        to, PosixFilePermissions.fromString(Files.isExecutable(from) ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static void write(Path file, String text, String permissions) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
