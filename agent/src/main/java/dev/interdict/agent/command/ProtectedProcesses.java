package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Processes that no signature makes the agent touch: PID 1, itself with what it descends from and
 * what shares its cgroup, and what runs the host's containers. A cgroup that holds one of them, at
 * whatever depth, is refused as a target, and so is a process that has one among its descendants.
 */
final class ProtectedProcesses {
  private static final Set<String> RUNTIMES =
      Set.of(
          "kubelet",
          "containerd",
          "containerd-shim",
          "containerd-shim-runc-v2",
          "dockerd",
          "cri-dockerd",
          "crio",
          "conmon",
          "k3s",
          "k3s-server",
          "k3s-agent",
          "rke2");

  private final CgroupTree cgroups;
  private final Path hostMounts;
  private final int self;

  ProtectedProcesses(CgroupTree cgroups) throws IOException {
    this.cgroups = cgroups;
    this.hostMounts = hostMounts();
    this.self = Math.toIntExact(ProcessHandle.current().pid());
  }

  void check(Path cgroup) throws RefusedException, IOException {
    String what = heldBy(cgroup);
    if (what != null) {
      throw refusal(cgroup, what);
    }
  }

  RefusedException refusal(Path cgroup, String what) {
    return new RefusedException(
        "target cgroup=" + cgroups.name(cgroup) + " is protected: it holds " + what);
  }

  /** The first protected process in the cgroup or below; null if there is none. */
  String heldBy(Path cgroup) throws IOException {
    for (int pid : cgroups.processes(cgroup)) {
      String what = describe(pid);
      if (what != null) {
        return what;
      }
    }
    return null;
  }

  void check(ProcessStat process) throws RefusedException, IOException {
    check(List.of(process));
  }

  void check(Collection<ProcessStat> processes) throws RefusedException, IOException {
    Set<Integer> ancestors = ancestors();
    String own = cgroups.of(self);
    for (ProcessStat process : processes) {
      String what = describe(process.pid());
      if (what == null && ancestors.contains(process.pid())) {
        what = "an ancestor of this agent, pid=" + process.pid();
      }
      if (what == null && !"/".equals(own) && own.equals(cgroups.of(process.pid()))) {
        what = "in this agent's own cgroup=" + own + ", pid=" + process.pid();
      }
      if (what != null) {
        throw new RefusedException("target pid=" + process.pid() + " is protected: it is " + what);
      }
    }
  }

  private Set<Integer> ancestors() {
    Set<Integer> pids = new HashSet<>();
    ProcessStat stat = ProcessStat.of(self);
    while (stat != null && stat.parent() != 0 && pids.add(stat.parent())) {
      stat = ProcessStat.of(stat.parent());
    }
    return pids;
  }

  private String describe(int pid) {
    if (pid == 1) {
      return "PID 1";
    }
    if (pid == self) {
      return "this agent, pid=" + pid;
    }
    String runtime = runtime(pid);
    return runtime == null ? null : runtime + ", pid=" + pid;
  }

  /**
   * The name alone protects nobody, or an attacker would call himself kubelet: the image must lie
   * in the host's own mount namespace and be root's, written by nobody else.
   */
  private String runtime(int pid) {
    Path proc = Path.of("/proc/" + pid);
    try {
      Path image = Files.readSymbolicLink(proc.resolve("exe"));
      String name = image.getFileName() == null ? "" : image.getFileName().toString();
      if (!RUNTIMES.contains(name)
          || !Files.readSymbolicLink(proc.resolve("ns/mnt")).equals(hostMounts)) {
        return null;
      }
      Path file = proc.resolve("exe");
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      boolean guarded =
          (Integer) Files.getAttribute(file, "unix:uid") == 0
              && !permissions.contains(PosixFilePermission.OTHERS_WRITE)
              && !permissions.contains(PosixFilePermission.GROUP_WRITE);
      return guarded ? name : null;
    } catch (AccessDeniedException morePrivileged) {
      return unreadable(proc);
    } catch (IOException gone) {
      return null; // it ended, or is a kernel thread without an image
    }
  }

  /** A process that the agent may not look into is believed its name. */
  private static String unreadable(Path proc) {
    try {
      String name = Files.readString(proc.resolve("comm")).strip();
      return RUNTIMES.contains(name) ? name : null;
    } catch (IOException gone) {
      return null;
    }
  }

  private static Path hostMounts() throws IOException {
    try {
      return Files.readSymbolicLink(Path.of("/proc/1/ns/mnt"));
    } catch (AccessDeniedException e) {
      // PID 1 has a capability that the agent lacks: then the agent's own namespace is the host's.
      return Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"));
    }
  }
}
