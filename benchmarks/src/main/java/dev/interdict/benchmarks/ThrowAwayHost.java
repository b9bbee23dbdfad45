package dev.interdict.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A copy of this host's root that is thrown away afterwards: what is installed and written there
 * never was. Processes, network and kernel are the host's. Each piece of work runs in a cgroup of
 * its own, by which its events are told from those of others on the host.
 */
final class ThrowAwayHost implements AutoCloseable {
  static final int CANNOT_RUN = 77;

  private static final String SCRIPTS = "/opt/benign";

  private final Process holder;
  private final Path cgroups;

  private ThrowAwayHost(Process holder, Path cgroups) {
    this.holder = holder;
    this.cgroups = cgroups;
  }

  /**
   * What a script said.
   *
   * @param said what it printed last
   */
  record Outcome(int status, String said) {}

  /**
   * @param folder where the copy is mounted, seen by its own processes only
   */
  static ThrowAwayHost start(Path folder) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("root"));
    Path script = folder.resolve("root.sh");
    Files.write(script, script("root"));
    Process holder =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                script.toString(),
                scratch.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (!"ready".equals(holder.inputReader().readLine())) {
      holder.destroy();
      throw new IOException("no copy of the root could be made: overlay and pivot_root are needed");
    }
    Path cgroups =
        Files.createDirectories(cgroupRoot().resolve("interdict-benign-" + holder.pid()));
    return new ThrowAwayHost(holder, cgroups);
  }

  private static Path cgroupRoot() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] fields = line.split(" ");
      if (fields[2].equals("cgroup2")) {
        return Path.of(fields[1]);
      }
    }
    throw new IOException("no cgroup v2 is mounted");
  }

  private static byte[] script(String name) throws IOException {
    try (InputStream in = ThrowAwayHost.class.getResourceAsStream("/benign/" + name + ".sh")) {
      if (in == null) {
        throw new IOException("/benign/" + name + ".sh is not in the jar");
      }
      return in.readAllBytes();
    }
  }

  /** Outside of the case's cgroup: what is done here is not judged. */
  Outcome prepare(String name) throws IOException, InterruptedException {
    Process copy =
        start(
            List.of("sh", "-c", "mkdir -p \"$1\" && cat > \"$1/$2.sh\"", "sh", SCRIPTS, name),
            null,
            ProcessBuilder.Redirect.PIPE);
    copy.getOutputStream().write(script(name));
    copy.getOutputStream().close();
    Outcome copied = outcome(copy);
    return copied.status() == 0 ? run(name, "prepare", null) : copied;
  }

  /** What is done while the case's daemon, if it has one, runs as if init had started it. */
  Outcome work(String name) throws IOException, InterruptedException {
    Path cgroup = Files.createDirectories(cgroups.resolve(name));
    Process daemon = null;
    if (new String(script(name), StandardCharsets.UTF_8).contains("\n  serve)")) {
      daemon = start(command(name, "serve"), cgroup, ProcessBuilder.Redirect.DISCARD);
    }
    try {
      return run(name, "work", cgroup);
    } finally {
      if (daemon != null) {
        daemon.destroy();
        daemon.waitFor(10, TimeUnit.SECONDS);
      }
    }
  }

  /** In the cgroup field of the events of a case. */
  String cgroup(String name) {
    return cgroups.getFileName() + "/" + name;
  }

  private Outcome run(String name, String what, Path cgroup)
      throws IOException, InterruptedException {
    Process process = start(command(name, what), cgroup, ProcessBuilder.Redirect.PIPE);
    process.getOutputStream().close();
    return outcome(process);
  }

  private static List<String> command(String name, String what) {
    return List.of("sh", SCRIPTS + "/" + name + ".sh", what);
  }

  private Process start(List<String> command, Path cgroup, ProcessBuilder.Redirect output)
      throws IOException {
    List<String> all = new ArrayList<>();
    if (cgroup != null) {
      all.addAll(List.of("sh", "-c", "echo $$ > \"$1\"; shift; exec \"$@\"", "sh"));
      all.add(cgroup.resolve("cgroup.procs").toString());
    }
    all.addAll(List.of("nsenter", "--target", Long.toString(holder.pid()), "--mount", "--root"));
    all.addAll(List.of("env", "-i", "HOME=/root", "USER=root", "LANG=C.UTF-8"));
    all.add("PATH=" + System.getenv("PATH"));
    all.addAll(command);
    return new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(output).start();
  }

  private static Outcome outcome(Process process) throws IOException, InterruptedException {
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String[] lines = printed.strip().split("\n");
    return new Outcome(process.waitFor(), lines[lines.length - 1]);
  }

  /** Ends what still runs in its cgroups, and lets the mounts go. */
  @Override
  public void close() throws IOException {
    try (var children = Files.list(cgroups)) {
      for (Path child : children.filter(Files::isDirectory).toList()) {
        Files.writeString(child.resolve("cgroup.kill"), "1");
        remove(child);
      }
    }
    remove(cgroups);
    holder.destroy();
  }

  /** A cgroup can be removed when the last of its processes is gone. */
  private static void remove(Path cgroup) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try {
        Files.delete(cgroup);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
