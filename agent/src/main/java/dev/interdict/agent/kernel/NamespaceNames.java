package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;

/** CLONE_NEW* as the names in /proc/PID/ns, joined by a comma. */
final class NamespaceNames {
  private static final String[] NAMES = {
    "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"
  };
  private static final int[] BITS = {
    0x0200_0000, 0x0800_0000, 0x0002_0000, 0x4000_0000, 0x2000_0000, 0x80, 0x1000_0000, 0x0400_0000
  };

  private NamespaceNames() {}

  /** Left out where there is none. */
  static void write(ProtoBuffer out, int field, int flags) {
    int message = 0;
    for (int i = 0; i < BITS.length; i++) {
      if ((flags & BITS[i]) != 0) {
        if (message == 0) {
          message = out.begin(field);
        } else {
          out.appendByte(',');
        }
        out.appendAscii(NAMES[i]);
      }
    }
    if (message != 0) {
      out.end(message);
    }
  }
}
