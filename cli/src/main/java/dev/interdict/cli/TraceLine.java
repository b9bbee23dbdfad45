package dev.interdict.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** One event as one line for a person. Not for more than one thread. */
final class TraceLine {
  static final String HEADER =
      "TIME             PID      USER       CONTAINER     PROCESS          KIND         WHAT";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS").withZone(ZoneId.systemDefault());
  private static final int O_TRUNC = 01000;
  private static final int O_APPEND = 02000;

  private final StringBuilder text = new StringBuilder(256);
  private final PrivilegeText privilege = new PrivilegeText(text, this::append);

  String format(EventView event) {
    text.setLength(0);
    long time = event.time();
    cell(TIME.format(Instant.ofEpochSecond(0, time)), 15);
    cell(event.has(Field.PROCESS_PID) ? Long.toString(event.number(Field.PROCESS_PID)) : "-", 7);
    String user = event.string(Field.PROCESS_USER);
    cell(user != null ? user : uid(event), 9);
    cell(container(event), 12);
    cell(orDash(event.string(Field.PROCESS_NAME)), 15);
    cell(Kinds.name(event.kind()), 11);
    what(event);
    mark(event, Field.IO_URING, "io_uring");
    if (event.has(Field.COUNT)) {
      text.append("  ×").append(event.number(Field.COUNT));
    }
    long result = event.number(Field.RESULT);
    if (result < 0) {
      text.append("  = ").append(result);
    }
    return text.toString();
  }

  private void cell(String value, int width) {
    String fitting = value.length() <= width ? value : value.substring(0, width - 1) + "…";
    append(fitting);
    text.append(" ".repeat(width - fitting.length() + 2));
  }

  /** What a process names itself and its files must not steer the terminal. */
  private void append(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isISOControl(c)) {
        text.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      } else {
        text.append(c);
      }
    }
  }

  private static String orDash(String value) {
    return value == null ? "-" : value;
  }

  private static String uid(EventView event) {
    return event.has(Field.PROCESS_ID) ? Long.toString(event.number(Field.PROCESS_UID)) : "-";
  }

  private static String container(EventView event) {
    String name = event.string(Field.CONTAINER_NAME);
    String id = event.string(Field.CONTAINER_ID);
    return name != null ? name : id == null ? "-" : id;
  }

  private void what(EventView event) {
    switch (Kind.forNumber(event.kind()) == null
        ? Kind.UNRECOGNIZED
        : Kind.forNumber(event.kind())) {
      case EXEC -> exec(event);
      case EXIT -> {
        long signal = event.number(Field.EXIT_SIGNAL);
        text.append(signal != 0 ? "killed by signal " : "exit code ")
            .append(signal != 0 ? signal : event.number(Field.EXIT_CODE));
      }
      case FORK -> {
        text.append("child ").append(event.number(Field.FORK_CHILD_PID));
        String namespaces = event.string(Field.FORK_NAMESPACES);
        if (namespaces != null) {
          text.append("  [own ").append(namespaces).append(']');
        }
        mark(event, Field.FORK_OTHER_CGROUP, "other cgroup");
      }
      case OPEN -> open(event);
      case RENAME, LINK -> {
        path(event);
        text.append(event.flag(Field.FILE_SYMBOLIC) ? " ⇒ " : " → ");
        String target = event.string(Field.FILE_TARGET);
        append(target != null ? target : orDash(event.string(Field.FILE_TARGET_GIVEN)));
      }
      case UNLINK -> {
        path(event);
        text.append("directory".equals(event.string(Field.FILE_TYPE)) ? "/" : "");
      }
      case TRUNCATE -> {
        path(event);
        text.append(" to ").append(event.number(Field.FILE_LENGTH)).append(" bytes");
      }
      case CHMOD -> {
        mode(event);
        path(event);
        mark(event, Field.FILE_SETUID, "setuid");
      }
      case CHOWN -> {
        owner(event, Field.FILE_OWNER);
        text.append(':');
        owner(event, Field.FILE_GROUP);
        text.append(' ');
        path(event);
      }
      case MKNOD -> {
        mode(event);
        path(event);
        text.append("  ").append(orDash(event.string(Field.FILE_TYPE)));
        if (event.has(Field.FILE_SPECIAL_DEVICE)) {
          long device = event.number(Field.FILE_SPECIAL_DEVICE);
          text.append(' ').append(device >>> 20).append(':').append(device & 0xfffff);
        }
      }
      case SETUID,
          CAPSET,
          SETNS,
          UNSHARE,
          MOUNT,
          CHROOT,
          PTRACE,
          VMWRITE,
          SIGNAL,
          MEMFD,
          MPROTECT,
          USERFAULTFD,
          MODULE,
          BPF,
          KEXEC,
          KEYCTL ->
          privilege.append(event);
      case IO_URING -> text.append("ring of ").append(event.number(Field.RING_ENTRIES));
      case CONNECT -> addresses(event, " → ");
      case ACCEPT -> addresses(event, " ← ");
      case DUP -> {
        text.append(event.number(Field.DUP_FROM))
            .append(" → ")
            .append(event.number(Field.DUP_TO))
            .append(' ');
        if (event.has(Field.CONNECTION_REMOTE_ADDRESS)) {
          addresses(event, " → ");
        } else {
          append(orDash(event.string(Field.DUP_PATH)));
        }
      }
      case LISTEN -> {
        text.append("on ");
        address(event, Field.CONNECTION_LOCAL_ADDRESS, Field.CONNECTION_LOCAL_PORT);
      }
      case DISCONNECT -> {
        addresses(event, " → ");
        text.append("  sent ")
            .append(event.number(Field.CONNECTION_BYTES_SENT))
            .append(" received ")
            .append(event.number(Field.CONNECTION_BYTES_RECEIVED));
      }
      case UDP -> addresses(event, " → ");
      case DNS -> {
        append(orDash(event.string(Field.CONNECTION_QUESTION)));
        text.append(' ').append(orDash(event.string(Field.CONNECTION_QUESTION_TYPE)));
      }
      case UNIX -> {
        append(orDash(event.string(Field.CONNECTION_PATH)));
        text.append("  peer ").append(event.number(Field.CONNECTION_PEER_PID));
      }
      case RAWSOCKET ->
          text.append(event.string(Field.CONNECTION_FAMILY))
              .append(" protocol ")
              .append(orDash(event.string(Field.CONNECTION_PROTOCOL)));
      case READLINE -> append(orDash(event.string(Field.SHELL_LINE)));
      case TLS -> http(event);
      case AUTHENTICATION -> login(event);
      case CONTAINER -> lifecycle(event);
      case AUDIT -> audit(event);
      case SENSOR -> {
        append(orDash(event.string(Field.SENSOR_COMPONENT)));
        text.append(' ').append(orDash(event.string(Field.SENSOR_STATE))).append(": ");
        append(orDash(event.string(Field.SENSOR_DETAIL)));
      }
      case GAP -> gap(event);
      default -> text.append("kind ").append(event.kind());
    }
  }

  private void http(EventView event) {
    text.append(event.flag(Field.HTTP_SENT) ? "sent " : "received ");
    if (event.has(Field.HTTP_STATUS)) {
      text.append("status ").append(event.number(Field.HTTP_STATUS));
    } else {
      append(orDash(event.string(Field.HTTP_METHOD)));
      text.append(' ');
      append(orDash(event.string(Field.HTTP_HOST)));
      append(orDash(event.string(Field.HTTP_PATH)));
    }
  }

  private void login(EventView event) {
    append(orDash(event.string(Field.LOGIN_OPERATION)));
    text.append(event.flag(Field.LOGIN_SUCCESS) ? " of " : " refused of ");
    append(orDash(event.string(Field.LOGIN_USER)));
    text.append(" by ");
    append(orDash(event.string(Field.LOGIN_SERVICE)));
    with(event, Field.LOGIN_REMOTE_HOST, "from");
    with(event, Field.LOGIN_TERMINAL, "on");
  }

  private void lifecycle(EventView event) {
    append(orDash(event.string(Field.LIFECYCLE_OPERATION)));
    with(event, Field.CONTAINER_IMAGE, "of");
    with(event, Field.CONTAINER_POD, "in pod");
    mark(event, Field.LIFECYCLE_PRIVILEGED, "privileged");
    with(event, Field.LIFECYCLE_MOUNTS, "mounts");
    with(event, Field.LIFECYCLE_SHARED_NAMESPACES, "shares");
  }

  private void audit(EventView event) {
    append(orDash(event.string(Field.AUDIT_USER)));
    text.append(' ');
    append(orDash(event.string(Field.AUDIT_VERB)));
    text.append(' ');
    append(orDash(event.string(Field.AUDIT_RESOURCE)));
    for (Field field : List.of(Field.AUDIT_SUBRESOURCE, Field.AUDIT_NAMESPACE, Field.AUDIT_NAME)) {
      String value = event.string(field);
      if (value != null) {
        text.append(field == Field.AUDIT_NAMESPACE ? ' ' : '/');
        append(value);
      }
    }
    with(event, Field.AUDIT_COMMAND, "command");
    mark(event, Field.AUDIT_PRIVILEGED, "privileged");
    with(event, Field.AUDIT_HOST_PATHS, "mounts");
    if (event.has(Field.AUDIT_STATUS)) {
      text.append("  = ").append(event.number(Field.AUDIT_STATUS));
    }
  }

  private void with(EventView event, Field field, String word) {
    String value = event.string(field);
    if (value != null) {
      text.append(' ').append(word).append(' ');
      append(value);
    }
  }

  private void gap(EventView event) {
    Gap gap;
    try {
      gap = Event.parser().parseFrom(event.array(), event.offset(), event.length()).getGap();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("a gap that cannot be read", e);
    }
    text.append(gap.getCounted() ? "" : "at least ")
        .append(gap.getCount())
        .append(" events of the ")
        .append(gap.getLane().name().toLowerCase(Locale.ROOT))
        .append(" lane are missing: ")
        .append(gap.getReason().name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private void exec(EventView event) {
    append(orDash(event.string(Field.PROCESS_EXE)));
    List<String> args = event.strings(Field.PROCESS_ARGS);
    for (int i = 1; i < args.size(); i++) {
      text.append(' ');
      append(args.get(i));
    }
    mark(event, Field.EXEC_MEMFD, "from memory");
    mark(event, Field.EXEC_DELETED, "deleted");
    mark(event, Field.EXEC_JUST_WRITTEN, "just written");
    mark(event, Field.EXEC_UPPER_LAYER, "not of the image");
    String environment = event.string(Field.EXEC_ENVIRONMENT);
    if (environment != null) {
      text.append("  [");
      append(environment);
      text.append(']');
    }
    socket(event, Field.EXEC_STDIN, "stdin");
    socket(event, Field.EXEC_STDOUT, "stdout");
    String parent = event.string(Field.PARENT_NAME);
    if (parent != null) {
      text.append("  ← ");
      append(parent);
    }
  }

  private void mark(EventView event, Field field, String name) {
    if (event.flag(field)) {
      text.append("  [").append(name).append(']');
    }
  }

  private void socket(EventView event, Field field, String name) {
    if ("socket".equals(event.string(field))) {
      text.append("  [").append(name).append(" is a socket]");
    }
  }

  private void open(EventView event) {
    long flags = event.number(Field.FILE_FLAGS);
    text.append(event.flag(Field.FILE_WRITE) ? (flags & 3) == 2 ? "rw" : "w" : "r");
    text.append(event.flag(Field.FILE_CREATE) ? "c" : "");
    text.append((flags & O_TRUNC) != 0 ? "t" : "").append((flags & O_APPEND) != 0 ? "a" : "");
    text.append(' ');
    path(event);
    mark(event, Field.FILE_WATCHED, "watched");
    mark(event, Field.FILE_BY_HANDLE, "by handle");
  }

  private void mode(EventView event) {
    text.append(String.format(Locale.ROOT, "%04o ", event.number(Field.FILE_MODE) & 07777));
  }

  private void owner(EventView event, Field field) {
    long id = event.number(field);
    if (id != 0xffff_ffffL) { // left as it was
      text.append(id);
    }
  }

  private void path(EventView event) {
    String path = event.string(Field.FILE_PATH);
    String given = event.string(Field.FILE_GIVEN);
    append(path != null ? path : orDash(given));
    if (path != null && given != null && given.startsWith("/") && !given.equals(path)) {
      text.append("  (as ");
      append(given);
      text.append(')');
    }
  }

  private void addresses(EventView event, String arrow) {
    address(event, Field.CONNECTION_LOCAL_ADDRESS, Field.CONNECTION_LOCAL_PORT);
    text.append(arrow);
    address(event, Field.CONNECTION_REMOTE_ADDRESS, Field.CONNECTION_REMOTE_PORT);
  }

  private void address(EventView event, Field address, Field port) {
    String value = orDash(event.string(address));
    text.append(value.indexOf(':') < 0 ? value : '[' + value + ']')
        .append(':')
        .append(event.number(port));
  }
}
