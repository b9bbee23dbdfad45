package dev.interdict.schema;

import java.util.HashMap;
import java.util.Map;

/**
 * What can be asked of an event: the one vocabulary of rules, SQL columns and output. A field that
 * an event does not have is absent, which is not the same as empty or zero.
 */
public enum Field {
  TIME("time", Type.LONG),
  KIND("kind", Type.STRING),
  RESULT("result", Type.LONG),

  PROCESS_ID("process.id", Type.LONG),
  PROCESS_PID("process.pid", Type.LONG),
  PROCESS_START_TIME("process.start_time", Type.LONG),
  PROCESS_EXE("process.exe", Type.STRING),
  PROCESS_PATH("process.path", Type.STRING),
  PROCESS_NAME("process.name", Type.STRING), // last part of process.exe
  PROCESS_ARGS("process.args", Type.STRINGS),
  PROCESS_COMMAND_LINE("process.command_line", Type.STRING), // arguments joined by one space
  PROCESS_CWD("process.cwd", Type.STRING),
  PROCESS_UID("process.uid", Type.LONG),
  PROCESS_GID("process.gid", Type.LONG),
  PROCESS_EUID("process.euid", Type.LONG),
  PROCESS_USER("process.user", Type.STRING),
  PROCESS_COMM("process.comm", Type.STRING),
  PROCESS_TTY("process.tty", Type.STRING),
  PROCESS_CGROUP_ID("process.cgroup_id", Type.LONG),
  PROCESS_CGROUP("process.cgroup", Type.STRING),

  CONTAINER_ID("container.id", Type.STRING),
  CONTAINER_NAME("container.name", Type.STRING),
  CONTAINER_IMAGE("container.image", Type.STRING),
  CONTAINER_POD("container.pod", Type.STRING),
  CONTAINER_NAMESPACE("container.namespace", Type.STRING),
  CONTAINER_RUNTIME("container.runtime", Type.STRING),

  PARENT_ID("parent.id", Type.LONG),
  PARENT_PID("parent.pid", Type.LONG),
  PARENT_EXE("parent.exe", Type.STRING),
  PARENT_NAME("parent.name", Type.STRING),
  PARENT_COMMAND_LINE("parent.command_line", Type.STRING),
  PARENT_UID("parent.uid", Type.LONG),
  ANCESTOR_IDS("ancestors.id", Type.LONGS),
  ANCESTOR_EXES("ancestors.exe", Type.STRINGS),
  ANCESTOR_NAMES("ancestors.name", Type.STRINGS),
  ANCESTOR_COMMAND_LINES("ancestors.command_line", Type.STRINGS),

  EXEC_STDIN("exec.stdin", Type.STRING), // lower-case Fd.Type
  EXEC_STDOUT("exec.stdout", Type.STRING),
  EXEC_STDERR("exec.stderr", Type.STRING),
  EXEC_MEMFD("exec.memfd", Type.BOOL),
  EXEC_DELETED("exec.deleted", Type.BOOL),
  EXEC_JUST_WRITTEN("exec.just_written", Type.BOOL),
  EXEC_WRITER_ID("exec.writer_id", Type.LONG),

  EXIT_CODE("exit.code", Type.LONG),
  EXIT_SIGNAL("exit.signal", Type.LONG),

  FORK_CHILD_ID("fork.child_id", Type.LONG),
  FORK_CHILD_PID("fork.child_pid", Type.LONG),

  FILE_PATH("file.path", Type.STRING),
  FILE_GIVEN("file.given", Type.STRING),
  FILE_NAME("file.name", Type.STRING), // last part of file.path
  FILE_FLAGS("file.flags", Type.LONG),
  FILE_WRITE("file.write", Type.BOOL),
  FILE_CREATE("file.create", Type.BOOL),
  FILE_INODE("file.inode", Type.LONG),
  FILE_WATCHED("file.watched", Type.BOOL),

  // Of a connect, of an accept, or of the socket that a dup moved.
  CONNECTION_FAMILY("connection.family", Type.STRING),
  CONNECTION_PROTOCOL("connection.protocol", Type.STRING),
  CONNECTION_LOCAL_ADDRESS("connection.local_address", Type.STRING),
  CONNECTION_LOCAL_PORT("connection.local_port", Type.LONG),
  CONNECTION_REMOTE_ADDRESS("connection.remote_address", Type.STRING),
  CONNECTION_REMOTE_PORT("connection.remote_port", Type.LONG),

  DUP_FROM("dup.from", Type.LONG),
  DUP_TO("dup.to", Type.LONG),
  DUP_TYPE("dup.type", Type.STRING), // lower-case Fd.Type
  DUP_PATH("dup.path", Type.STRING),

  GAP_REASON("gap.reason", Type.STRING), // lower-case Gap.Reason
  GAP_LANE("gap.lane", Type.STRING), // lower-case Lane
  GAP_COUNT("gap.count", Type.LONG),
  GAP_COUNTED("gap.counted", Type.BOOL),
  GAP_FROM_TIME("gap.from_time", Type.LONG),
  GAP_UNTIL_TIME("gap.until_time", Type.LONG),
  GAP_FIRST_SEQUENCE("gap.first_sequence", Type.LONG),
  GAP_LAST_SEQUENCE("gap.last_sequence", Type.LONG);

  public enum Type {
    BOOL,
    LONG,
    STRING,
    LONGS,
    STRINGS
  }

  private static final Map<String, Field> BY_NAME = new HashMap<>();

  static {
    for (Field field : values()) {
      BY_NAME.put(field.dotted, field);
    }
  }

  private final String dotted;
  private final Type type;

  Field(String dotted, Type type) {
    this.dotted = dotted;
    this.type = type;
  }

  /** The name in rules, SQL and JSON, such as {@code process.exe}. */
  public String dotted() {
    return dotted;
  }

  public Type type() {
    return type;
  }

  /** Null where no field has that name. */
  public static Field byName(String dotted) {
    return BY_NAME.get(dotted);
  }
}
