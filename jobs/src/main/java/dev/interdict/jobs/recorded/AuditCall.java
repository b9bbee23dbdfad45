package dev.interdict.jobs.recorded;

import dev.interdict.schema.Kind;
import java.util.HashMap;
import java.util.Map;

/** System calls that the audit log knows by number or name, and which of our kinds they are. */
final class AuditCall {
  private static final Map<String, Kind> KINDS = new HashMap<>();
  private static final Map<Integer, String> X86_64 = new HashMap<>();
  private static final Map<Integer, String> AARCH64 = new HashMap<>();

  static {
    call(Kind.EXEC, "execve", 59, 221);
    call(Kind.EXEC, "execveat", 322, 281);
    call(Kind.CONNECT, "connect", 42, 203);
    call(Kind.ACCEPT, "accept", 43, 202);
    call(Kind.ACCEPT, "accept4", 288, 242);
    call(Kind.OPEN, "open", 2, -1);
    call(Kind.OPEN, "openat", 257, 56);
    call(Kind.OPEN, "openat2", 437, 437);
    call(Kind.OPEN, "creat", 85, -1);
    call(Kind.RENAME, "rename", 82, -1);
    call(Kind.RENAME, "renameat", 264, 38);
    call(Kind.RENAME, "renameat2", 316, 276);
    call(Kind.UNLINK, "unlink", 87, -1);
    call(Kind.UNLINK, "unlinkat", 263, 35);
    call(Kind.UNLINK, "rmdir", 84, -1);
    call(Kind.TRUNCATE, "truncate", 76, 45);
    call(Kind.TRUNCATE, "ftruncate", 77, 46);
    call(Kind.LINK, "link", 86, -1);
    call(Kind.LINK, "linkat", 265, 37);
    call(Kind.LINK, "symlink", 88, -1);
    call(Kind.LINK, "symlinkat", 266, 36);
    call(Kind.CHMOD, "chmod", 90, -1);
    call(Kind.CHMOD, "fchmod", 91, 52);
    call(Kind.CHMOD, "fchmodat", 268, 53);
    call(Kind.CHOWN, "chown", 92, -1);
    call(Kind.CHOWN, "fchown", 93, 55);
    call(Kind.CHOWN, "lchown", 94, -1);
    call(Kind.CHOWN, "fchownat", 260, 54);
    call(Kind.MKNOD, "mknod", 133, -1);
    call(Kind.MKNOD, "mknodat", 259, 33);
    call(Kind.SETUID, "setuid", 105, 146);
    call(Kind.SETUID, "setgid", 106, 144);
    call(Kind.SETUID, "setreuid", 113, 145);
    call(Kind.SETUID, "setregid", 114, 143);
    call(Kind.SETUID, "setresuid", 117, 147);
    call(Kind.SETUID, "setresgid", 119, 149);
    call(Kind.CAPSET, "capset", 126, 91);
    call(Kind.SETNS, "setns", 308, 268);
    call(Kind.UNSHARE, "unshare", 272, 97);
    call(Kind.MOUNT, "mount", 165, 40);
    call(Kind.MOUNT, "umount2", 166, 39);
    call(Kind.CHROOT, "chroot", 161, 51);
    call(Kind.CHROOT, "pivot_root", 155, 41);
    call(Kind.PTRACE, "ptrace", 101, 117);
    call(Kind.VMWRITE, "process_vm_writev", 311, 271);
    call(Kind.MEMFD, "memfd_create", 319, 279);
    call(Kind.MPROTECT, "mprotect", 10, 226);
    call(Kind.USERFAULTFD, "userfaultfd", 323, 282);
    call(Kind.MODULE, "init_module", 175, 105);
    call(Kind.MODULE, "finit_module", 313, 273);
    call(Kind.MODULE, "delete_module", 176, 106);
    call(Kind.BPF, "bpf", 321, 280);
    call(Kind.KEXEC, "kexec_load", 246, 104);
    call(Kind.KEXEC, "kexec_file_load", 320, 294);
    call(Kind.SIGNAL, "kill", 62, 129);
    call(Kind.SIGNAL, "tkill", 200, 130);
    call(Kind.SIGNAL, "tgkill", 234, 131);
  }

  private AuditCall() {}

  private static void call(Kind kind, String name, int x86, int arm) {
    KINDS.put(name, kind);
    X86_64.put(x86, name);
    AARCH64.put(arm, name);
  }

  /** KIND_UNSPECIFIED for one that is no event of ours. */
  static Kind kind(String name) {
    return KINDS.getOrDefault(name, Kind.KIND_UNSPECIFIED);
  }

  /**
   * @param call a name, or a number of the architecture
   * @param architecture as in the record: an AUDIT_ARCH value in hexadecimal, or its name
   */
  static String name(String call, String architecture) {
    if (call.isEmpty() || !Character.isDigit(call.charAt(0))) {
      return call;
    }
    int number;
    try {
      number = Integer.parseInt(call);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid syscall=" + call, e);
    }
    return switch (architecture) {
      case "c00000b7", "aarch64" -> AARCH64.getOrDefault(number, call);
      case "", "c000003e", "x86_64" -> X86_64.getOrDefault(number, call);
      default -> call;
    };
  }
}
