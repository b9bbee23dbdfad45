package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/**
 * {@code struct call_record} as the message of its kind. What its numbers and texts are stands
 * beside each program, in {@code src/main/bpf/privilege}.
 */
final class CallEvents {
  private static final String[] OPERATIONS = Natives.operations().split(" ");

  private final ProcessTable processes;
  private final CredentialEvents credentials;

  CallEvents(ProcessTable processes, CredentialEvents credentials) {
    this.processes = processes;
    this.credentials = credentials;
  }

  /**
   * @return false if nothing was done
   */
  boolean write(ProtoBuffer out, int kind, Process process, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    boolean event = true;
    switch (kind) {
      case Kind.SETUID_VALUE -> event = credentials.ids(out, process, data, at);
      case Kind.CAPSET_VALUE -> credentials.capabilities(out, process, data, at);
      case Kind.SETNS_VALUE, Kind.UNSHARE_VALUE -> NamespaceEvents.namespaces(out, data, at);
      case Kind.MOUNT_VALUE, Kind.CHROOT_VALUE -> NamespaceEvents.mount(out, kind, data, at);
      case Kind.PTRACE_VALUE, Kind.VMWRITE_VALUE, Kind.SIGNAL_VALUE ->
          intrusion(out, kind, data, at);
      case Kind.MEMFD_VALUE, Kind.MPROTECT_VALUE, Kind.USERFAULTFD_VALUE ->
          MemoryEvents.write(out, kind, data, at);
      case Kind.MODULE_VALUE, Kind.BPF_VALUE, Kind.KEXEC_VALUE ->
          KernelCodeEvents.write(out, kind, data, at);
      case Kind.KEYCTL_VALUE -> key(out, data, at);
      default -> throw new MalformedRecordException("no message for kind=" + kind);
    }
    out.end(message);
    return event;
  }

  private void intrusion(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    operation(out, data, at);
    int pid = data.getInt(at + Record.Call.TARGET_PID);
    if (pid != 0) {
      long id = processes.id(pid, data.getLong(at + Record.Call.TARGET_START));
      out.fixed(2, id);
      out.numberAlways(3, pid);
      Process target = processes.find(id);
      if (target != null) {
        target.writeExe(out, 4);
      }
    }
    if (kind == Kind.VMWRITE_VALUE) {
      out.numberAlways(5, number(data, at, 0));
    } else if (kind == Kind.SIGNAL_VALUE) {
      out.numberAlways(6, number(data, at, 0));
    }
    out.flag(7, (data.getShort(at + Record.FLAGS) & Record.FLAG_AT_AGENT) != 0);
  }

  private static void key(ProtoBuffer out, ByteBuffer data, int at) {
    operation(out, data, at);
    if (data.getInt(at + Record.RESULT) >= 0) {
      out.numberAlways(2, (int) number(data, at, 0));
    }
    text(out, 3, data, at, 0);
    text(out, 4, data, at, 1);
  }

  static void operation(ProtoBuffer out, ByteBuffer data, int at) {
    out.ascii(1, name(data, at));
  }

  static String name(ByteBuffer data, int at) {
    int operation = data.getInt(at + Record.Call.OPERATION);
    if (operation < 0 || operation >= OPERATIONS.length) {
      throw new MalformedRecordException(
          "unknown operation=" + operation + " known=" + OPERATIONS.length);
    }
    return OPERATIONS[operation];
  }

  static long number(ByteBuffer data, int at, int index) {
    return data.getLong(at + Record.Call.NUMBERS + index * Long.BYTES);
  }

  static boolean hasText(ByteBuffer data, int at, int index) {
    return Spans.length(data, at, span(index)) > 0;
  }

  /** Left out where it is empty. */
  static void text(ProtoBuffer out, int field, ByteBuffer data, int at, int index) {
    if (isPath(data, at, index)) {
      Spans.path(out, field, data, at, span(index));
    } else {
      Spans.text(out, field, data, at, span(index));
    }
  }

  /** A path that was given, after where it begins if it is relative; left out where it is empty. */
  static void given(ProtoBuffer out, int field, ByteBuffer data, int at, int base) {
    int length = Spans.length(data, at, span(base + 1));
    if (length == 0) {
      text(out, field, data, at, base);
      return;
    }
    int start = Spans.start(data, at, span(base + 1));
    int message = out.begin(field);
    if (isPath(data, at, base)) {
      int baseLength = Spans.length(data, at, span(base));
      if (baseLength > 1) {
        out.appendPath(data, Spans.start(data, at, span(base)), baseLength);
      }
      out.appendByte('/');
    }
    out.appendText(data, start, length);
    out.end(message);
  }

  private static boolean isPath(ByteBuffer data, int at, int index) {
    return (data.getInt(at + Record.Call.PATHS) >>> index & 1) != 0;
  }

  static int span(int index) {
    return Record.Call.TEXTS + index * Integer.BYTES;
  }
}
