package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroups;
import dev.interdict.agent.enrich.ProcFiles;
import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Encodes what a process runs, from the kernel's record of it or, where there is none, from /proc.
 */
final class Images {
  private static final int COMMAND_LINE_LIMIT = 256; // of an ancestor

  private final ProcessTable processes;
  private final Cgroups cgroups;
  private final ProcFiles proc;
  private final ProtoBuffer fields = new ProtoBuffer(8 << 10, 128 << 10);
  private final ProtoBuffer ancestor = new ProtoBuffer(8 << 10, 128 << 10);

  Images(ProcessTable processes, Cgroups cgroups, ProcFiles proc) {
    this.processes = processes;
    this.cgroups = cgroups;
    this.proc = proc;
  }

  /** A record of kind EXEC. */
  void execute(Process process, ByteBuffer data, int at, int length) {
    begin(process, data, at);
    int args = at + (data.getShort(at + Record.Exec.ARGS) & 0xffff);
    int argsEnd = args + (data.getShort(at + Record.Exec.ARGS + 2) & 0xffff);
    int flags = data.getShort(at + Record.FLAGS);
    text(5, data, at, Record.Exec.INVOKED);
    int from = args;
    while (from < argsEnd) {
      int end = from;
      while (end < argsEnd && data.get(end) != 0) {
        end++;
      }
      fields.text(6, data, from, end - from);
      from = end + 1;
    }
    fields.flag(7, (flags & Record.FLAG_ARGS_TRUNCATED) != 0);
    int shown = Math.min(argsEnd, args + COMMAND_LINE_LIMIT);
    while (shown > args && data.get(shown - 1) == 0) {
      shown--;
    }
    if (shown > args) {
      int message = ancestor.begin(4);
      from = args;
      while (from < shown) {
        int end = from;
        while (end < shown && data.get(end) != 0) {
          end++;
        }
        if (from > args) {
          ancestor.appendByte(' ');
        }
        ancestor.appendText(data, from, end - from);
        from = end + 1;
      }
      ancestor.end(message);
    }
    processes.execute(process, fields, ancestor);
  }

  /** A record of the snapshot: the kernel tells all but the arguments. */
  void adopt(Process process, ByteBuffer data, int at) {
    begin(process, data, at);
    args(proc.args(process.pid()));
    processes.execute(process, fields, ancestor);
  }

  private void begin(Process process, ByteBuffer data, int at) {
    fields.clear();
    ancestor.clear();
    long cgroup = data.getLong(at + Record.CGROUP);
    int place = data.getShort(at + Record.Exec.CGROUP_PATH) & 0xffff;
    if (place != 0 && !cgroups.knows(cgroup)) {
      int length = data.getShort(at + Record.Exec.CGROUP_PATH + 2) & 0xffff;
      fields.appendPath(data, at + place, length);
      String path = new String(fields.array(), 0, fields.length(), StandardCharsets.UTF_8);
      fields.clear();
      processes.move(process, cgroups.add(cgroup, path));
    }
    int exe = data.getShort(at + Record.Exec.EXE) & 0xffff;
    if (exe != 0) {
      int length = data.getShort(at + Record.Exec.EXE + 2) & 0xffff;
      fields.path(4, data, at + exe, length);
      ancestor.path(3, data, at + exe, length);
    }
    int cwd = data.getShort(at + Record.Exec.CWD) & 0xffff;
    if (cwd != 0) {
      fields.path(8, data, at + cwd, data.getShort(at + Record.Exec.CWD + 2) & 0xffff);
    }
    fixedText(13, data, at + Record.Exec.COMM);
    fixedText(14, data, at + Record.Exec.TTY);
  }

  /** Nothing is known of it but that it is there. */
  void fromProc(Process process) {
    fields.clear();
    ancestor.clear();
    byte[] exe = proc.link(process.pid(), "exe");
    if (exe != null) {
      fields.text(4, exe, 0, exe.length);
      ancestor.text(3, exe, 0, exe.length);
    }
    byte[] cwd = proc.link(process.pid(), "cwd");
    if (cwd != null) {
      fields.text(8, cwd, 0, cwd.length);
    }
    byte[] comm = proc.comm(process.pid());
    if (comm != null) {
      fields.text(13, comm, 0, comm.length);
    }
    args(proc.args(process.pid()));
    processes.execute(process, fields, ancestor);
  }

  private void args(byte[] args) {
    int message = args.length == 0 ? 0 : ancestor.begin(4);
    int from = 0;
    while (from < args.length) {
      int end = from;
      while (end < args.length && args[end] != 0) {
        end++;
      }
      fields.text(6, args, from, end - from);
      if (from < COMMAND_LINE_LIMIT) {
        if (from > 0) {
          ancestor.appendByte(' ');
        }
        ancestor.appendText(args, from, Math.min(end, COMMAND_LINE_LIMIT) - from);
      }
      from = end + 1;
    }
    if (message != 0) {
      ancestor.end(message);
    }
  }

  private void text(int field, ByteBuffer data, int at, int span) {
    int offset = data.getShort(at + span) & 0xffff;
    int length = data.getShort(at + span + 2) & 0xffff;
    if (length > 0) {
      fields.text(field, data, at + offset, length);
    }
  }

  /** Sixteen bytes, ended by a zero. */
  private void fixedText(int field, ByteBuffer data, int at) {
    int length = 0;
    while (length < 16 && data.get(at + length) != 0) {
      length++;
    }
    if (length > 0) {
      fields.text(field, data, at, length);
    }
  }
}
