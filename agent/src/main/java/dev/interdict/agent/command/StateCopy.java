package dev.interdict.agent.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is there of processes and of the files that they share, copied before they end: of each
 * process what /proc says, its executable where no file has it any more, and what its container has
 * changed below its root. Environments by their names alone, for their values are secrets.
 */
final class StateCopy {
  /** One file of the copy is read to its end or to here. */
  private static final int MAX_TEXT_BYTES = 1 << 20;

  private static final int MAX_PROCESSES = 1024;
  private static final int MAX_DESCRIPTORS = 4096;
  private static final List<String> TEXTS =
      List.of("status", "stat", "maps", "cmdline", "cgroup", "mountinfo", "limits");
  private static final List<String> SOCKETS = List.of("tcp", "tcp6", "udp", "udp6", "unix");
  private static final List<String> LINKS = List.of("exe", "cwd", "root");

  private final StateFolder out;

  StateCopy(StateFolder out) {
    this.out = out;
  }

  /**
   * Of a process that ends meanwhile, what could be read.
   *
   * @param files whether what their containers have changed is copied, too
   */
  void run(Collection<ProcessStat> processes, boolean files) throws IOException {
    Set<String> networks = new HashSet<>();
    int copied = 0;
    for (ProcessStat process : processes) {
      if (copied == MAX_PROCESSES) {
        int more = processes.size() - copied;
        out.leaveOut(more + " processes beyond " + MAX_PROCESSES, more);
        break;
      }
      copied++;
      process(process.pid(), networks);
    }
    out.processes(copied);
    if (files) {
      files(processes);
    }
  }

  private void files(Collection<ProcessStat> processes) throws IOException {
    Set<String> containers = new HashSet<>();
    for (ProcessStat process : processes) {
      ContainerFiles files = container(process.pid());
      if (files != null && containers.add(files.namespace())) {
        ChangedFiles.copy(files, out, "files-" + process.pid() + ".tar.zst");
      }
    }
  }

  /** Null where there is none, or the process has ended. */
  private ContainerFiles container(int pid) {
    try {
      return ContainerFiles.of(pid);
    } catch (IOException gone) {
      out.leaveOut("files of process " + pid + ": " + gone.getMessage(), 1);
      return null;
    }
  }

  private void process(int pid, Set<String> networks) throws IOException {
    Path proc = Path.of("/proc/" + pid);
    String to = "processes/" + pid + "/";
    for (String name : TEXTS) {
      text(proc.resolve(name), to + name);
    }
    names(proc.resolve("environ"), to + "environ.names");
    StringBuilder links = new StringBuilder();
    for (String link : LINKS) {
      links.append(link).append(" -> ").append(link(proc.resolve(link))).append('\n');
    }
    descriptors(proc.resolve("fd"), links);
    out.write(to + "links", links.toString().getBytes(StandardCharsets.UTF_8));
    String exe = link(proc.resolve("exe"));
    if (exe.endsWith(" (deleted)") || exe.startsWith("/memfd:")) {
      out.copy(proc.resolve("exe"), to + "executable");
    }
    String network = link(proc.resolve("ns/net"));
    if (!network.isEmpty() && networks.add(network)) {
      for (String sockets : SOCKETS) {
        text(proc.resolve("net/" + sockets), to + "net-" + sockets);
      }
    }
  }

  private void text(Path from, String to) throws IOException {
    byte[] bytes = read(from);
    if (bytes != null) {
      out.write(to, bytes);
    }
  }

  /** Null if it is gone or cannot be read. */
  private byte[] read(Path from) {
    try (InputStream in = Files.newInputStream(from)) {
      byte[] bytes = in.readNBytes(MAX_TEXT_BYTES);
      if (bytes.length == MAX_TEXT_BYTES && in.read() >= 0) {
        out.leaveOut("the rest of " + from, 1);
      }
      return bytes;
    } catch (IOException gone) {
      out.leaveOut(from + ": " + gone.getMessage(), 1);
      return null;
    }
  }

  private void names(Path environ, String to) throws IOException {
    byte[] bytes = read(environ);
    if (bytes == null) {
      return;
    }
    StringBuilder names = new StringBuilder();
    for (String variable : new String(bytes, StandardCharsets.UTF_8).split("\0")) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        names.append(variable, 0, equals).append('\n');
      }
    }
    out.write(to, names.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void descriptors(Path folder, StringBuilder to) {
    List<Path> descriptors = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      for (Path each : found) {
        if (descriptors.size() == MAX_DESCRIPTORS) {
          out.leaveOut("descriptors of " + folder + " beyond " + MAX_DESCRIPTORS, 1);
          break;
        }
        descriptors.add(each);
      }
    } catch (IOException | DirectoryIteratorException | UncheckedIOException gone) {
      out.leaveOut(folder + ": " + gone.getMessage(), 1);
    }
    for (Path each : descriptors) {
      to.append("fd/").append(each.getFileName()).append(" -> ").append(link(each)).append('\n');
    }
  }

  /** Empty if it is gone. */
  static String link(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }
}
