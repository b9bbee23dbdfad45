package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;

/**
 * Ids and capabilities. After the call the kernel no longer knows what they were before; the
 * process table does.
 */
final class CredentialEvents {
  private static final int NO_ID = -1;

  private final ProcessTable processes;
  private boolean known;
  private int oldUid;
  private int oldEuid;
  private int oldSuid;
  private int oldGid;
  private int oldEgid;

  CredentialEvents(ProcessTable processes) {
    this.processes = processes;
  }

  /** Before the header of a record of ids changes what is known; null: nothing is. */
  void before(Process process) {
    known = process != null;
    if (known) {
      oldUid = process.uid();
      oldEuid = process.euid();
      oldSuid = process.suid();
      oldGid = process.gid();
      oldEgid = process.egid();
    }
  }

  /**
   * @return false if everything is as it was
   */
  boolean ids(ProtoBuffer out, Process process, ByteBuffer data, int at) {
    int uid = lower(data, at, 0);
    int euid = upper(data, at, 0);
    CallEvents.operation(out, data, at);
    if (data.getInt(at + Record.RESULT) < 0) {
      asked(out, data, at);
      number(out, 7, uid);
      number(out, 8, euid);
      return true;
    }
    int suid = lower(data, at, 1);
    int gid = lower(data, at, 2);
    int egid = upper(data, at, 2);
    boolean ofFiles = isOfFiles(data, at);
    if (known
        && !ofFiles
        && uid == oldUid
        && euid == oldEuid
        && suid == oldSuid
        && gid == oldGid
        && egid == oldEgid) {
      return false;
    }
    number(out, 2, uid);
    number(out, 3, euid);
    number(out, 4, suid);
    number(out, 5, gid);
    number(out, 6, egid);
    if (known) {
      number(out, 7, oldUid);
      number(out, 8, oldEuid);
    }
    processes.saved(process, suid, egid);
    effective(out, process, CallEvents.number(data, at, 5));
    return true;
  }

  /** What was refused stands where a change would. */
  private static void asked(ProtoBuffer out, ByteBuffer data, int at) {
    int real = lower(data, at, 4);
    int effective = upper(data, at, 4);
    boolean ofGroup = isOfGroup(data, at);
    if (real != NO_ID) {
      number(out, ofGroup ? 5 : 2, real);
    }
    if (effective != NO_ID) {
      number(out, ofGroup ? 6 : 3, effective);
    }
  }

  void capabilities(ProtoBuffer out, Process process, ByteBuffer data, int at) {
    CallEvents.operation(out, data, at);
    long effective = CallEvents.number(data, at, 0);
    if (data.getInt(at + Record.RESULT) < 0) {
      names(out, 9, effective);
    } else {
      effective(out, process, effective);
    }
    names(out, 10, CallEvents.number(data, at, 1));
    names(out, 11, CallEvents.number(data, at, 2));
  }

  private void effective(ProtoBuffer out, Process process, long capabilities) {
    names(out, 9, capabilities);
    if (process.isEffectiveKnown() && (capabilities & ~process.effective()) != 0) {
      names(out, 12, capabilities & ~process.effective());
    }
    processes.effective(process, capabilities);
  }

  /** Empty text where there are none. */
  private static void names(ProtoBuffer out, int field, long capabilities) {
    int text = out.begin(field);
    boolean first = true;
    for (int i = 0; i < Capabilities.NAMES.size(); i++) {
      if ((capabilities >>> i & 1) != 0) {
        if (!first) {
          out.appendByte(',');
        }
        for (int c = 0; c < Capabilities.NAMES.get(i).length(); c++) {
          out.appendByte(Capabilities.NAMES.get(i).charAt(c));
        }
        first = false;
      }
    }
    out.end(text);
  }

  private static boolean isOfGroup(ByteBuffer data, int at) {
    return switch (CallEvents.name(data, at)) {
      case "setgid", "setregid", "setresgid", "setfsgid" -> true;
      default -> false;
    };
  }

  private static boolean isOfFiles(ByteBuffer data, int at) {
    String name = CallEvents.name(data, at);
    return name.equals("setfsuid") || name.equals("setfsgid");
  }

  private static void number(ProtoBuffer out, int field, int id) {
    out.numberAlways(field, id & 0xffff_ffffL);
  }

  private static int lower(ByteBuffer data, int at, int index) {
    return (int) CallEvents.number(data, at, index);
  }

  private static int upper(ByteBuffer data, int at, int index) {
    return (int) (CallEvents.number(data, at, index) >>> 32);
  }
}
