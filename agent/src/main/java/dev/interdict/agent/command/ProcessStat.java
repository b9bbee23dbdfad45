package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel says of a process in its stat file.
 *
 * @param session the pid of the process that began the session
 * @param ticks when it began, since boot
 */
record ProcessStat(int pid, char state, int parent, int session, long flags, long ticks) {
  private static final long KERNEL_THREAD = 0x0020_0000;

  /** Null if there is no such process. */
  static ProcessStat of(int pid) {
    String stat;
    try {
      stat =
          new String(
              Files.readAllBytes(Path.of("/proc/" + pid + "/stat")), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return null;
    }
    // The name is in brackets and may itself hold brackets and blanks.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21);
    return new ProcessStat(
        pid,
        fields[0].charAt(0),
        Integer.parseInt(fields[1]),
        Integer.parseInt(fields[3]),
        Long.parseLong(fields[6]),
        Long.parseLong(fields[19]));
  }

  boolean isKernelThread() {
    return (flags & KERNEL_THREAD) != 0;
  }

  /** It has ended, and only waits for its parent to ask how. */
  boolean isZombie() {
    return state == 'Z' || state == 'X';
  }
}
