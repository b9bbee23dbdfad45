package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/** Namespaces entered and made, and what is visible in them. */
final class NamespaceEvents {
  private static final String[] NAMES = {
    "mnt", "cgroup", "uts", "ipc", "user", "pid", "net", "time"
  };
  private static final int[] FLAGS = {
    0x20000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000, 0x80
  };
  private static final int SOURCE = 0;
  private static final int TARGET = 1;
  private static final int TYPE = 3;

  private NamespaceEvents() {}

  static void namespaces(ProtoBuffer out, ByteBuffer data, int at) {
    types(out, 1, (int) CallEvents.number(data, at, 1));
    out.numberAlways(2, CallEvents.number(data, at, 0));
    long inode = CallEvents.number(data, at, 2);
    if (inode != 0) {
      out.numberAlways(3, inode);
    }
    CallEvents.text(out, 4, data, at, 0);
  }

  /** Names as in {@code /proc/PID/ns}, joined by a comma; left out where there are none. */
  static void types(ProtoBuffer out, int field, int flags) {
    int text = 0;
    for (int i = 0; i < NAMES.length; i++) {
      if ((flags & FLAGS[i]) == 0) {
        continue;
      }
      if (text == 0) {
        text = out.begin(field);
      } else {
        out.appendByte(',');
      }
      for (int c = 0; c < NAMES[i].length(); c++) {
        out.appendByte(NAMES[i].charAt(c));
      }
    }
    if (text != 0) {
      out.end(text);
    }
  }

  static void mount(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    CallEvents.operation(out, data, at);
    CallEvents.text(out, 2, data, at, SOURCE);
    CallEvents.given(out, 3, data, at, TARGET);
    CallEvents.text(out, 4, data, at, TYPE);
    if (kind == Kind.MOUNT_VALUE) {
      out.numberAlways(5, CallEvents.number(data, at, 0));
    }
  }
}
