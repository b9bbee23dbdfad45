package dev.interdict.jobs.recorded;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Field;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** What the audit records of one system call say together. */
final class AuditedCall {
  private static final String NO_ID = "4294967295";

  private final String host;
  private final long time;
  private final long line;
  private final List<String> arguments = new ArrayList<>();
  private final List<Named> paths = new ArrayList<>();
  private Map<String, String> call = Map.of();
  private boolean executed;
  private String cwd = "";
  private String address = "";

  private record Named(String name, String type) {}

  AuditedCall(String host, long time, long line) {
    this.host = host;
    this.time = time;
    this.line = line;
  }

  /** Of the first record. */
  long line() {
    return line;
  }

  int paths() {
    return paths.size();
  }

  void add(String type, Map<String, String> fields) {
    switch (type) {
      case "SYSCALL" -> call = fields;
      case "EXECVE" -> addArguments(fields);
      case "CWD" -> cwd = fields.getOrDefault("cwd", "");
      case "PATH" -> addPath(fields.getOrDefault("name", ""), fields.getOrDefault("nametype", ""));
      case "SOCKADDR" -> address = fields.getOrDefault("saddr", "");
      default -> {
        // PROCTITLE repeats the arguments.
      }
    }
  }

  /** AUOMS puts the records of a call into one. */
  void addWhole(Map<String, String> fields) {
    call = fields;
    cwd = fields.getOrDefault("cwd", "");
    address = fields.getOrDefault("saddr", "");
    arguments.addAll(JsonValues.words(fields.getOrDefault("cmdline", "")));
    executed = fields.getOrDefault("syscall", "").startsWith("execve");
    List<String> names = list(fields.getOrDefault("path_name", ""));
    List<String> types = list(fields.getOrDefault("path_nametype", ""));
    for (int i = 0; i < names.size(); i++) {
      addPath(names.get(i), i < types.size() ? types.get(i) : "");
    }
  }

  /** {@code ["a","b"]} */
  private static List<String> list(String text) {
    List<String> items = new ArrayList<>();
    int at = text.indexOf('"');
    while (at >= 0) {
      int close = text.indexOf('"', at + 1);
      if (close < 0) {
        break;
      }
      items.add(text.substring(at + 1, close));
      at = text.indexOf('"', close + 1);
    }
    return items;
  }

  private void addArguments(Map<String, String> fields) {
    executed = true;
    for (String next = argument(fields, 0); next != null; ) {
      arguments.add(next);
      next = argument(fields, arguments.size());
    }
  }

  /** A long one is cut into {@code a1[0]}, {@code a1[1]} and so on. Null after the last. */
  private static String argument(Map<String, String> fields, int index) {
    String whole = fields.get("a" + index);
    String piece = fields.get("a" + index + "[0]");
    if (whole != null || piece == null) {
      return whole;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 1; piece != null; i++) {
      text.append(piece);
      piece = fields.get("a" + index + "[" + i + "]");
    }
    return text.toString();
  }

  private void addPath(String name, String type) {
    boolean object = !type.equals("PARENT") && !type.equals("UNKNOWN") && !name.isEmpty();
    if (object) {
      paths.add(new Named(name.startsWith("/") || cwd.isEmpty() ? name : cwd + "/" + name, type));
    }
  }

  void emit(ProcessTable processes, Emitter out) {
    String name = AuditCall.name(field("SYSCALL", "syscall"), field("arch", "ARCH"));
    Kind kind = executed ? Kind.EXEC : AuditCall.kind(name);
    int result = result();
    Process.Builder process = process(kind);
    processes.complete(host, process);
    boolean told = emit(kind, name, result, process, out);
    if (kind == Kind.EXEC && result == 0) {
      processes.put(host, process);
    }
    if (kind == Kind.EXEC || kind == Kind.OPEN || kind == Kind.KIND_UNSPECIFIED) {
      for (Named path : paths) {
        emitPath(path, result, process, out);
        told = true;
      }
    }
    if (!told) {
      out.ignore();
    }
  }

  private boolean emit(Kind kind, String name, int result, Process.Builder process, Emitter out) {
    Event.Builder event = Event.newBuilder().setKind(kind).setResult(result).setProcess(process);
    switch (kind) {
      case KIND_UNSPECIFIED, OPEN -> {
        return false; // told by the paths
      }
      case EXEC -> event.setExec(Exec.getDefaultInstance());
      case CONNECT, ACCEPT -> {
        Connection connection = connection();
        if (kind == Kind.CONNECT) {
          event.setConnect(connection);
        } else {
          event.setAccept(connection);
        }
      }
      default -> EventDetail.set(event, detail(kind, name));
    }
    out.add(host, time, event);
    return true;
  }

  private Map<Field, Object> detail(Kind kind, String name) {
    return switch (kind) {
      case RENAME, LINK -> files("DELETE", "NORMAL", name.startsWith("symlink"));
      case UNLINK, TRUNCATE, CHMOD, CHOWN, MKNOD -> files("", "", false);
      case SETUID, CAPSET -> Map.of(Field.CREDENTIALS_CALL, name);
      case MOUNT, CHROOT -> Map.of(Field.MOUNT_OPERATION, name);
      case PTRACE, VMWRITE, SIGNAL -> Map.of(Field.TARGET_OPERATION, name);
      case MEMFD, MPROTECT, USERFAULTFD -> Map.of(Field.MEMORY_OPERATION, name);
      case MODULE, BPF, KEXEC -> Map.of(Field.CODE_OPERATION, name);
      default -> Map.of(Field.NAMESPACES_TYPES, "");
    };
  }

  /** What was there before is the path, what is new the target. */
  private Map<Field, Object> files(String before, String orBefore, boolean symbolic) {
    String path = "";
    String target = "";
    for (Named named : paths) {
      boolean old = named.type.equals(before) || named.type.equals(orBefore) || before.isEmpty();
      if (old && path.isEmpty()) {
        path = named.name;
      } else if (named.type.equals("CREATE")) {
        target = named.name;
      }
    }
    if (symbolic) {
      return Map.of(Field.FILE_PATH, target, Field.FILE_SYMBOLIC, 1L);
    }
    return target.isEmpty()
        ? Map.of(Field.FILE_PATH, path)
        : Map.of(Field.FILE_PATH, path, Field.FILE_TARGET, target);
  }

  private void emitPath(Named path, int result, Process.Builder process, Emitter out) {
    boolean create = path.type.equals("CREATE");
    Event.Builder event = Event.newBuilder().setResult(result).setProcess(process);
    FileOperation.Builder file = FileOperation.newBuilder().setPath(path.name);
    if (path.type.equals("DELETE")) {
      event.setKind(Kind.UNLINK).setUnlink(file);
    } else {
      event.setKind(Kind.OPEN).setOpen(file.setCreate(create).setWrite(create));
    }
    out.add(host, time, event);
  }

  private int result() {
    String exit = field("exit");
    if (!field("success").equals("no")) {
      return 0;
    }
    try {
      return exit.startsWith("-") ? Integer.parseInt(exit) : -1;
    } catch (NumberFormatException e) {
      return -1; // by its name, such as ENOENT
    }
  }

  private Process.Builder process(Kind kind) {
    int pid = number("pid");
    int parent = number("ppid");
    String exe = field("exe");
    String comm = field("comm");
    Process.Builder process =
        Process.newBuilder()
            .setPid(pid)
            .setId(pid)
            .setExe(exe)
            .setPath(kind == Kind.EXEC && !paths.isEmpty() ? paths.get(0).name : exe)
            .setComm(comm)
            .addAllArgs(arguments)
            .setCwd(cwd)
            .setUid(number("uid"))
            .setGid(number("gid"))
            .setEuid(number("euid"))
            .setUser(field("UID", "user"))
            .setTty(field("tty"));
    if (parent != 0) {
      process.addAncestors(Ancestor.newBuilder().setId(parent).setPid(parent));
    }
    return process;
  }

  private String field(String... names) {
    for (String name : names) {
      String value = call.get(name);
      if (value != null) {
        return value;
      }
    }
    return "";
  }

  private int number(String name) {
    String value = field(name);
    if (value.isEmpty() || value.equals(NO_ID) || !Character.isDigit(value.charAt(0))) {
      return 0;
    }
    try {
      return Integer.parseUnsignedInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("invalid " + name + "=" + value, e);
    }
  }

  /**
   * Of a sockaddr in hexadecimal: family in the host's byte order, port and address in the net's.
   */
  private Connection connection() {
    Connection.Builder connection = Connection.newBuilder().setProtocol("tcp");
    byte[] bytes;
    try {
      bytes = HexFormat.of().parseHex(address);
    } catch (IllegalArgumentException e) {
      return connection.setFamily(Connection.Family.OTHER_FAMILY).build();
    }
    int family = bytes.length < 2 ? -1 : bytes[0] & 0xff;
    int start = family == 2 ? 4 : 8;
    int length = family == 2 ? 4 : 16;
    if ((family != 2 && family != 10) || bytes.length < start + length) {
      return connection
          .setFamily(family == 1 ? Connection.Family.LOCAL : Connection.Family.OTHER_FAMILY)
          .build();
    }
    byte[] host = new byte[length];
    System.arraycopy(bytes, start, host, 0, length);
    try {
      return connection
          .setFamily(family == 2 ? Connection.Family.INET : Connection.Family.INET6)
          .setRemoteAddress(InetAddress.getByAddress(host).getHostAddress())
          .setRemotePort((bytes[2] & 0xff) << 8 | bytes[3] & 0xff)
          .build();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + length + " bytes", e);
    }
  }
}
