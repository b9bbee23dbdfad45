package dev.interdict.cep;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import java.util.List;
import java.util.Set;

/**
 * Which service, login or job on the host a process belongs to: its outermost ancestor below
 * whatever starts unrelated work (init, a session leader such as sshd, cron, a container runtime).
 * nginx's workers and all that they start share the nginx master; two ssh logins share nothing; two
 * cron jobs share nothing.
 *
 * <p>The kernel's record holds at most sixteen ancestors. Deeper than that the outermost one known
 * stands for the root, so a chain that grows past the limit changes its lineage.
 */
final class Lineage {
  private static final Set<String> STARTERS =
      Set.of(
          "init",
          "systemd",
          "launchd",
          "runit",
          "runsvdir",
          "runsv",
          "s6-svscan",
          "s6-supervise",
          "supervisord",
          "tini",
          "dumb-init",
          "docker-init",
          "catatonit",
          "sshd",
          "sshd-session",
          "sshd-auth",
          "dropbear",
          "login",
          "agetty",
          "getty",
          "gdm",
          "lightdm",
          "cron",
          "crond",
          "atd",
          "anacron",
          "inetd",
          "xinetd",
          "dockerd",
          "containerd",
          "containerd-shim",
          "containerd-shim-runc-v2",
          "conmon",
          "crio",
          "runc",
          "crun",
          "kubelet");

  private Lineage() {}

  /** 0 where the event has no process. */
  static long root(EventView event) {
    long self = event.number(Field.PROCESS_ID);
    long[] ids = event.longs(Field.ANCESTOR_IDS);
    List<String> names = event.strings(Field.ANCESTOR_NAMES);
    for (int i = ids.length - 1; i >= 0; i--) {
      String name = i < names.size() ? names.get(i) : "";
      boolean kernel = i == ids.length - 1 && i > 0 && name.isEmpty();
      if (ids[i] != 0 && !kernel && !STARTERS.contains(name)) {
        return ids[i];
      }
    }
    return self;
  }
}
