package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroup;
import dev.interdict.agent.enrich.Cgroups;
import dev.interdict.agent.enrich.JustWritten;
import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/**
 * Turns a record of the kernel into an encoded event, and keeps the process table by the way.
 * Allocates nothing once every process and cgroup of the record has been met.
 */
final class Translator {
  private static final int EVENT_LIMIT = 256 << 10;

  private final ProcessTable processes;
  private final Cgroups cgroups;
  private final Watchlist watchlist;
  private final Images images;
  private volatile long kinds;
  private final ProtoBuffer out = new ProtoBuffer(16 << 10, EVENT_LIMIT);
  private final CredentialEvents credentials;
  private final CallEvents calls;
  private final Writers writers;
  private final Uprobes uprobes; // null: nothing is seen inside processes
  private final AppEvents apps;
  private final Containers containers;
  private ProtoBuffer preceding;
  private final ProtoBuffer scratch = new ProtoBuffer(16 << 10, EVENT_LIMIT);

  /**
   * @param kinds bits of those that become events; others only keep the table
   * @param uprobes told of new images; null: nothing is seen inside processes
   */
  Translator(
      ProcessTable processes,
      Cgroups cgroups,
      JustWritten written,
      Watchlist watchlist,
      Images images,
      long kinds,
      Uprobes uprobes,
      Containers containers) {
    this.processes = processes;
    this.cgroups = cgroups;
    this.watchlist = watchlist;
    this.images = images;
    this.kinds = kinds;
    this.credentials = new CredentialEvents(processes);
    this.calls = new CallEvents(processes, credentials);
    this.writers = new Writers(written);
    this.uprobes = uprobes;
    this.containers = containers;
    this.apps = new AppEvents(number -> uprobes == null ? null : uprobes.path(number));
  }

  /** From any thread. */
  void select(long wanted) {
    kinds = wanted;
  }

  /** Holds the event after {@link #translate} said true. */
  ProtoBuffer event() {
    return out;
  }

  /** An event of kind CONTAINER that comes before what {@link #translate} has said; or null. */
  ProtoBuffer preceding() {
    return preceding;
  }

  /**
   * @param sinceEpoch nanoseconds from the epoch to the boot
   * @return false if this record makes no event
   */
  boolean translate(ByteBuffer data, int at, int length, long sinceEpoch) {
    int kind = data.getShort(at + Record.KIND);
    preceding = null;
    Process process = process(data, at);
    boolean wanted = (kinds >>> kind & 1) != 0;
    return switch (kind) {
      case Kind.EXEC_VALUE -> {
        images.execute(process, data, at, length);
        containers.executed(process, data, at);
        preceding = lifecycle(data, at, process, sinceEpoch);
        if (uprobes != null) {
          uprobes.executed(
              process.pid(),
              data.getInt(at + Record.Exec.DEVICE),
              data.getLong(at + Record.Exec.INODE));
        }
        yield wanted && exec(data, at, begin(data, at, process, sinceEpoch));
      }
      case Kind.EXIT_VALUE -> {
        boolean event = wanted && exit(data, at, begin(data, at, process, sinceEpoch));
        containers.exited(process);
        preceding = lifecycle(data, at, process, sinceEpoch);
        processes.exited(process);
        yield event;
      }
      case Kind.FORK_VALUE -> {
        Process child = fork(data, at, process);
        yield wanted
            && crossesABorder(data, at)
            && fork(child, data, at, begin(data, at, process, sinceEpoch));
      }
      case Kind.OPEN_VALUE -> open(data, at, process, wanted, sinceEpoch);
      case Kind.RENAME_VALUE,
          Kind.UNLINK_VALUE,
          Kind.TRUNCATE_VALUE,
          Kind.LINK_VALUE,
          Kind.CHMOD_VALUE,
          Kind.CHOWN_VALUE,
          Kind.MKNOD_VALUE -> {
        begin(data, at, process, sinceEpoch);
        FileEvents.write(out, kind, data, at);
        if (kind == Kind.RENAME_VALUE) {
          writers.renamed(process, data, at);
        }
        yield true;
      }
      case Kind.IO_URING_VALUE -> {
        begin(data, at, process, sinceEpoch);
        RingEvents.write(out, kind, data, at);
        yield true;
      }
      case Kind.CONNECT_VALUE,
          Kind.ACCEPT_VALUE,
          Kind.LISTEN_VALUE,
          Kind.DNS_VALUE,
          Kind.UDP_VALUE,
          Kind.UNIX_VALUE,
          Kind.RAWSOCKET_VALUE,
          Kind.DISCONNECT_VALUE -> {
        begin(data, at, process, sinceEpoch);
        SocketEvents.write(out, kind, data, at);
        yield true;
      }
      case Kind.READLINE_VALUE, Kind.TLS_VALUE, Kind.AUTHENTICATION_VALUE -> {
        begin(data, at, process, sinceEpoch);
        yield apps.write(out, kind, data, at);
      }
      case Record.KIND_MAPPING -> {
        if (uprobes != null) {
          uprobes.mapped(
              process.pid(),
              data.getInt(at + Record.Mapping.DEVICE),
              data.getLong(at + Record.Mapping.INODE));
        }
        yield false;
      }
      case Kind.DUP_VALUE -> dup(data, at, begin(data, at, process, sinceEpoch));
      default -> {
        if (kind < Kind.SETUID_VALUE || kind > Kind.AUTHENTICATION_VALUE) {
          throw new MalformedRecordException("unknown kind=" + kind + " length=" + length);
        }
        begin(data, at, process, sinceEpoch);
        yield calls.write(out, kind, process, data, at);
      }
    };
  }

  private ProtoBuffer lifecycle(ByteBuffer data, int at, Process process, long sinceEpoch) {
    ProtoBuffer event = containers.event(data, at, process, processes.users(), sinceEpoch);
    return (kinds >>> Kind.CONTAINER_VALUE & 1) != 0 ? event : null;
  }

  /** The process of the header, entered if it was unknown. */
  private Process process(ByteBuffer data, int at) {
    int pid = data.getInt(at + Record.PID);
    long start = data.getLong(at + Record.START);
    int uid = data.getInt(at + Record.UID);
    int gid = data.getInt(at + Record.GID);
    int euid = data.getInt(at + Record.EUID);
    long cgroupId = data.getLong(at + Record.CGROUP);
    Process process = processes.find(processes.id(pid, start));
    if (data.getShort(at + Record.KIND) == Kind.SETUID_VALUE) {
      credentials.before(process);
    }
    if (process == null) {
      long parent =
          processes.id(data.getInt(at + Record.PARENT_PID), data.getLong(at + Record.PARENT_START));
      process =
          processes.add(pid, start, processes.find(parent), cgroups.get(cgroupId), uid, gid, euid);
      if (data.getShort(at + Record.KIND) != Kind.EXEC_VALUE) {
        images.fromProc(process);
      }
      return process;
    }
    processes.credentials(process, uid, gid, euid);
    Cgroup cgroup = process.cgroup();
    if (cgroup == null ? cgroupId != 0 : cgroup.id() != cgroupId) {
      processes.move(process, cgroups.get(cgroupId));
    }
    return process;
  }

  private Process begin(ByteBuffer data, int at, Process process, long sinceEpoch) {
    out.clear();
    out.fixedAlways(1, data.getLong(at + Record.TIME) + sinceEpoch);
    out.number(2, data.getShort(at + Record.KIND));
    process.write(out, 3, scratch, processes.users());
    out.signed(4, data.getInt(at + Record.RESULT));
    out.number(5, data.getInt(at + Record.COUNT));
    out.flag(6, (data.getShort(at + Record.FLAGS) & Record.FLAG_RING) != 0);
    return process;
  }

  private boolean exec(ByteBuffer data, int at, Process process) {
    int flags = data.getShort(at + Record.FLAGS);
    int message = out.begin(16);
    for (int i = 0; i < 3; i++) {
      int fd = at + Record.Exec.FDS + i * Record.Descriptor.SIZE;
      if (data.getShort(fd + Record.Descriptor.TYPE) != Record.DESCRIPTOR_CLOSED) {
        Descriptors.write(out, 1, data, at, fd);
      }
    }
    out.flag(2, (flags & Record.FLAG_MEMFD) != 0);
    out.flag(3, (flags & Record.FLAG_DELETED) != 0);
    boolean script = (flags & Record.FLAG_SCRIPT) != 0;
    long writer = writers.ofImage(data, at);
    if (writer == 0 && script) {
      writer = writers.ofScript(process, data, at);
    }
    out.flag(4, writer != 0);
    out.fixed(5, writer);
    if (script) {
      Spans.text(out, 6, data, at, Record.Exec.INVOKED);
    }
    Environment.write(out, 7, data, at, Record.Exec.ENVIRONMENT);
    out.flag(8, (flags & Record.FLAG_UPPER_LAYER) != 0);
    out.end(message);
    return true;
  }

  private boolean exit(ByteBuffer data, int at, Process process) {
    int status = data.getInt(at + Record.Exit.CODE);
    int message = out.begin(17);
    out.number(1, status >>> 8 & 0xff);
    out.number(2, status & 0x7f);
    out.number(3, data.getLong(at + Record.TIME) - process.start());
    out.end(message);
    return true;
  }

  private Process fork(ByteBuffer data, int at, Process parent) {
    int pid = data.getInt(at + Record.Fork.CHILD_PID);
    long start = data.getLong(at + Record.Fork.CHILD_START);
    Process child = processes.find(processes.id(pid, start));
    if (child == null) {
      return processes.fork(
          parent, pid, start, cgroups.get(data.getLong(at + Record.Fork.CHILD_CGROUP)));
    }
    if (child.parent() == null) {
      processes.link(child, parent);
    }
    return child;
  }

  /** Where it does not, the child is known by what it does: its ancestors stand in each event. */
  private static boolean crossesABorder(ByteBuffer data, int at) {
    return data.getInt(at + Record.Fork.NAMESPACES) != 0
        || data.getLong(at + Record.Fork.CHILD_CGROUP) != data.getLong(at + Record.CGROUP);
  }

  private boolean fork(Process child, ByteBuffer data, int at, Process parent) {
    int message = out.begin(18);
    out.fixed(1, child.id());
    out.number(2, child.pid());
    NamespaceEvents.types(out, 3, data.getInt(at + Record.Fork.NAMESPACES));
    long cgroup = data.getLong(at + Record.Fork.CHILD_CGROUP);
    out.flag(4, cgroup != data.getLong(at + Record.CGROUP));
    out.end(message);
    return true;
  }

  private boolean open(ByteBuffer data, int at, Process process, boolean wanted, long sinceEpoch) {
    int flags = data.getShort(at + Record.FLAGS);
    boolean write = (flags & Record.FLAG_WRITE) != 0;
    boolean failed = data.getInt(at + Record.RESULT) < 0;
    if (write && !failed) {
      writers.written(process, data, at);
    }
    if (!wanted) {
      return false;
    }
    begin(data, at, process, sinceEpoch);
    int message = out.begin(19);
    int from = out.length();
    if (data.getInt(at + Record.FileRecord.DEVICE) == 0) { // nothing seen: as good as it gets
      NamedPath.write(out, 1, data, at, Record.FileRecord.PATH, Record.FileRecord.GIVEN);
    } else {
      out.path(
          1,
          data,
          Spans.start(data, at, Record.FileRecord.PATH),
          Spans.length(data, at, Record.FileRecord.PATH));
    }
    boolean watched = false;
    if ((flags & Record.FLAG_WATCHED) != 0) {
      int text = textStart(from);
      boolean disk = data.getInt(at + Record.FileRecord.SPECIAL_DEVICE) != 0;
      watched = disk || text > 0 && watchlist.matches(out.array(), text, out.length() - text);
    }
    boolean byHandle = (flags & Record.FLAG_HANDLE) != 0;
    if (!watched && !write && !byHandle && (flags & Record.FLAG_CREATED) == 0) {
      return false; // only the name was that of a watched file
    }
    Spans.text(out, 2, data, at, Record.FileRecord.GIVEN);
    out.numberAlways(3, data.getInt(at + Record.FileRecord.OPEN_FLAGS) & 0xffff_ffffL);
    out.flagAlways(4, write);
    out.flagAlways(5, (flags & Record.FLAG_CREATED) != 0);
    out.numberAlways(6, data.getLong(at + Record.FileRecord.INODE));
    out.number(7, data.getInt(at + Record.FileRecord.DEVICE) & 0xffff_ffffL);
    out.flagAlways(8, watched);
    if (byHandle) {
      out.flagAlways(19, true);
    }
    out.end(message);
    return true;
  }

  /** Where the text of the field that was written at {@code from} begins; 0 if there is none. */
  private int textStart(int from) {
    if (out.length() == from) {
      return 0;
    }
    int at = from + 1;
    while (out.array()[at] < 0) {
      at++;
    }
    return at + 1;
  }

  private boolean dup(ByteBuffer data, int at, Process process) {
    int message = out.begin(22);
    out.number(1, data.getInt(at + Record.Dup.FROM) & 0xffff_ffffL);
    out.number(2, data.getInt(at + Record.Dup.TO) & 0xffff_ffffL);
    Descriptors.write(out, 3, data, at, at + Record.Dup.FD);
    out.end(message);
    return true;
  }
}
