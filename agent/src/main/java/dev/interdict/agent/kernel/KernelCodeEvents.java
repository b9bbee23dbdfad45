package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/** Modules, BPF programs and kernels. */
final class KernelCodeEvents {
  private static final int NAME = 0;
  private static final int PATH = 1;
  private static final int PARAMETERS = 2;

  /** By number of {@code enum bpf_prog_type}. */
  private static final String[] PROGRAM_TYPES = {
    "unspec",
    "socket_filter",
    "kprobe",
    "sched_cls",
    "sched_act",
    "tracepoint",
    "xdp",
    "perf_event",
    "cgroup_skb",
    "cgroup_sock",
    "lwt_in",
    "lwt_out",
    "lwt_xmit",
    "sock_ops",
    "sk_skb",
    "cgroup_device",
    "sk_msg",
    "raw_tracepoint",
    "cgroup_sock_addr",
    "lwt_seg6local",
    "lirc_mode2",
    "sk_reuseport",
    "flow_dissector",
    "cgroup_sysctl",
    "raw_tracepoint_writable",
    "cgroup_sockopt",
    "tracing",
    "struct_ops",
    "ext",
    "lsm",
    "sk_lookup",
    "syscall",
    "netfilter"
  };

  private KernelCodeEvents() {}

  static void write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    CallEvents.operation(out, data, at);
    if (CallEvents.hasText(data, at, PATH) && kind == Kind.MODULE_VALUE) {
      moduleName(out, data, at);
    } else {
      CallEvents.text(out, 2, data, at, NAME);
    }
    CallEvents.text(out, 3, data, at, PATH);
    if (kind == Kind.BPF_VALUE) {
      programType(out, (int) CallEvents.number(data, at, 1));
    }
    out.numberAlways(5, CallEvents.number(data, at, 0));
    CallEvents.text(out, 6, data, at, PARAMETERS);
  }

  /** Of the file, whose name comes first in the path: as far as its first dot. */
  private static void moduleName(ProtoBuffer out, ByteBuffer data, int at) {
    int start = Spans.start(data, at, CallEvents.span(PATH));
    int limit = Spans.length(data, at, CallEvents.span(PATH));
    int length = 0;
    while (length < limit && data.get(start + length) != 0 && data.get(start + length) != '.') {
      length++;
    }
    out.text(2, data, start, length);
  }

  private static void programType(ProtoBuffer out, int type) {
    if (type >= 0 && type < PROGRAM_TYPES.length) {
      out.ascii(4, PROGRAM_TYPES[type]);
    } else {
      int text = out.begin(4);
      out.appendDecimal(type);
      out.end(text);
    }
  }
}
