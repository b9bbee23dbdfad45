package dev.interdict.agent.command;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom a quarantine cgroup was made for, and where its processes go when it is over.
 *
 * @param origin of the process, and of all that are not named in {@code strays}
 * @param ticks when the process began, since boot
 */
record Quarantine(String origin, int pid, long ticks, List<Stray> strays) {

  /** A descendant that was moved out of another cgroup. */
  record Stray(int pid, long ticks, String origin) {}

  Quarantine {
    strays = List.copyOf(strays);
  }

  Quarantine with(List<Stray> more) {
    List<Stray> all = new ArrayList<>(strays);
    all.addAll(more);
    return new Quarantine(origin, pid, ticks, all);
  }

  String originOf(ProcessStat process) {
    for (Stray stray : strays) {
      if (stray.pid() == process.pid() && stray.ticks() == process.ticks()) {
        return stray.origin();
      }
    }
    return origin;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(origin);
    out.writeInt(pid);
    out.writeLong(ticks);
    out.writeInt(strays.size());
    for (Stray stray : strays) {
      out.writeInt(stray.pid());
      out.writeLong(stray.ticks());
      out.writeUTF(stray.origin());
    }
  }

  static Quarantine read(DataInputStream in) throws IOException {
    String origin = in.readUTF();
    int pid = in.readInt();
    long ticks = in.readLong();
    List<Stray> strays = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      strays.add(new Stray(in.readInt(), in.readLong(), in.readUTF()));
    }
    return new Quarantine(origin, pid, ticks, strays);
  }
}
