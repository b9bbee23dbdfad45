package dev.interdict.agent.kernel;

import dev.interdict.schema.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the sensor looks at.
 *
 * @param kinds reported; processes are followed whatever is asked for
 * @param watched absolute paths whose opening is reported even for reading; {@code *} stands for
 *     any characters, but the last name or the one before it must have none
 * @param folded kinds of which a process's equal observations within a second are counted and told
 *     as one event with their number; leave out what a rule has to count or to see at its own time
 * @param containerRate events a second that a container may say in each of the lanes of network and
 *     files; 0: as many as there are
 * @param processRing bytes of the process lane's ring, a power of two
 * @param networkRing bytes of the network lane's ring
 * @param fileRing bytes of the file lane's ring
 * @param flushInterval the longest that an event which is not urgent waits for its reader
 * @param tickInterval between two events that say how far the stream is complete; zero: none
 * @param processes processes remembered at most; the longest gone are forgotten first
 * @param bundles folders of OCI bundles, named by container id, as the runtimes keep them
 * @param cgroupRoot where cgroup v2 is mounted; null: found in proc
 * @param proc where proc is mounted
 */
public record SensorConfig(
    Set<Kind> kinds,
    List<String> watched,
    Set<Kind> folded,
    int containerRate,
    int processRing,
    int networkRing,
    int fileRing,
    Duration flushInterval,
    Duration tickInterval,
    int processes,
    List<Path> bundles,
    Path cgroupRoot,
    Path proc) {

  /** What costs little or is needed by most rules. */
  public static final Set<Kind> DEFAULT_KINDS =
      Collections.unmodifiableSet(
          EnumSet.of(
              Kind.EXEC,
              Kind.EXIT,
              Kind.FORK,
              Kind.DUP,
              // files
              Kind.OPEN,
              Kind.RENAME,
              Kind.UNLINK,
              Kind.TRUNCATE,
              Kind.LINK,
              Kind.CHMOD,
              Kind.CHOWN,
              Kind.MKNOD,
              Kind.IO_URING,
              // network
              Kind.CONNECT,
              Kind.ACCEPT,
              Kind.LISTEN,
              Kind.DISCONNECT,
              Kind.DNS,
              Kind.UDP,
              Kind.UNIX,
              Kind.RAWSOCKET,
              // privilege and escape
              Kind.SETUID,
              Kind.CAPSET,
              Kind.SETNS,
              Kind.UNSHARE,
              Kind.MOUNT,
              Kind.CHROOT,
              Kind.PTRACE,
              Kind.VMWRITE,
              Kind.MEMFD,
              Kind.MPROTECT,
              Kind.USERFAULTFD,
              Kind.MODULE,
              Kind.BPF,
              Kind.KEYCTL,
              Kind.KEXEC,
              Kind.SIGNAL,
              // rare
              Kind.AUTHENTICATION,
              Kind.CONTAINER));

  /** Where containerd, CRI-O, Podman and Docker keep what they were told to make. */
  public static final List<Path> BUNDLES =
      List.of(
          Path.of("/run/interdict/bundles"),
          Path.of("/run/containerd/io.containerd.runtime.v2.task"),
          Path.of("/run/k3s/containerd/io.containerd.runtime.v2.task"),
          Path.of("/run/containers/storage/overlay-containers"),
          Path.of("/var/lib/containers/storage/overlay-containers"),
          Path.of("/var/lib/docker/containers"));

  /** What programs repeat by the thousand. */
  public static final Set<Kind> DEFAULT_FOLDED =
      Collections.unmodifiableSet(
          EnumSet.of(Kind.OPEN, Kind.CONNECT, Kind.ACCEPT, Kind.DISCONNECT, Kind.UNIX));

  private static final int DEFAULT_CONTAINER_RATE = 50_000;

  /** Reading them is reported too; writing to any file is anyway, but these wake the reader. */
  public static final List<String> SENSITIVE =
      List.of(
          // secrets
          "/etc/shadow",
          "/etc/gshadow",
          "/etc/sudoers",
          "/etc/sudoers.d/*",
          "*/.ssh/*",
          "/etc/ssh/ssh_host_*",
          "*/.aws/credentials",
          "*/.azure/*",
          "*/gcloud/credentials.db",
          "*/application_default_credentials.json",
          "*/.kube/config",
          "*/.docker/config.json",
          "*/.netrc",
          "*/.git-credentials",
          "*/.pgpass",
          "/etc/krb5.keytab",
          "/etc/kubernetes/*.conf",
          "/etc/kubernetes/pki/*",
          "*/secrets/kubernetes.io/*/token",
          // memory, of others and of the kernel; block devices are always reported
          "/proc/*/mem",
          "/proc/kcore",
          "/dev/mem",
          "/dev/kmem",
          "/dev/port",
          // what the kernel runs or does when it is told so: ways out of a container
          "*/release_agent",
          "*/notify_on_release",
          "/proc/sys/kernel/core_pattern",
          "/proc/sys/kernel/modprobe",
          "/proc/sys/fs/binfmt_misc/register",
          "/proc/sysrq-trigger",
          "/sys/kernel/uevent_helper",
          // what others run
          "/etc/crontab",
          "/etc/cron.d/*",
          "*/cron/crontabs/*");

  public SensorConfig {
    kinds = Set.copyOf(kinds);
    watched = List.copyOf(watched);
    folded = Set.copyOf(folded);
    if (containerRate < 0) {
      throw new IllegalArgumentException("invalid containerRate=" + containerRate);
    }
    bundles = List.copyOf(bundles);
  }

  public static SensorConfig defaults() {
    return new SensorConfig(
        DEFAULT_KINDS,
        SENSITIVE,
        DEFAULT_FOLDED,
        DEFAULT_CONTAINER_RATE,
        4 << 20, // an execution may take 17 KiB, and none shall be lost for others
        512 << 10,
        2 << 20,
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        16_384,
        BUNDLES,
        null,
        Path.of("/proc"));
  }

  public SensorConfig withKinds(Set<Kind> value) {
    return with(copy -> copy.kinds = value);
  }

  public SensorConfig withWatched(List<String> value) {
    return with(copy -> copy.watched = value);
  }

  public SensorConfig withFolded(Set<Kind> value) {
    return with(copy -> copy.folded = value);
  }

  public SensorConfig withContainerRate(int value) {
    return with(copy -> copy.containerRate = value);
  }

  public SensorConfig withRings(int process, int network, int file) {
    return with(
        copy -> {
          copy.processRing = process;
          copy.networkRing = network;
          copy.fileRing = file;
        });
  }

  public SensorConfig withIntervals(Duration flush, Duration tick) {
    return with(
        copy -> {
          copy.flushInterval = flush;
          copy.tickInterval = tick;
        });
  }

  public SensorConfig withBundles(List<Path> value) {
    return with(copy -> copy.bundles = value);
  }

  private SensorConfig with(Consumer<Copy> change) {
    Copy copy = new Copy();
    change.accept(copy);
    return new SensorConfig(
        copy.kinds,
        copy.watched,
        copy.folded,
        copy.containerRate,
        copy.processRing,
        copy.networkRing,
        copy.fileRing,
        copy.flushInterval,
        copy.tickInterval,
        processes,
        copy.bundles,
        cgroupRoot,
        proc);
  }

  /** What is changed about this one. */
  private final class Copy {
    Set<Kind> kinds = SensorConfig.this.kinds;
    List<String> watched = SensorConfig.this.watched;
    Set<Kind> folded = SensorConfig.this.folded;
    int containerRate = SensorConfig.this.containerRate;
    int processRing = SensorConfig.this.processRing;
    int networkRing = SensorConfig.this.networkRing;
    int fileRing = SensorConfig.this.fileRing;
    Duration flushInterval = SensorConfig.this.flushInterval;
    Duration tickInterval = SensorConfig.this.tickInterval;
    List<Path> bundles = SensorConfig.this.bundles;
  }
}
