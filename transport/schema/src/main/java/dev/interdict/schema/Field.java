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
  COUNT("count", Type.LONG), // absent: the event stands for itself only
  IO_URING("io_uring", Type.BOOL), // absent: by a system call

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
  EXEC_SCRIPT("exec.script", Type.STRING),
  EXEC_ENVIRONMENT("exec.environment", Type.STRING), // NAME=value, joined by one space
  EXEC_UPPER_LAYER("exec.upper_layer", Type.BOOL),

  EXIT_CODE("exit.code", Type.LONG),
  EXIT_SIGNAL("exit.signal", Type.LONG),

  FORK_CHILD_ID("fork.child_id", Type.LONG),
  FORK_CHILD_PID("fork.child_pid", Type.LONG),
  FORK_NAMESPACES("fork.namespaces", Type.STRING), // new ones, "net,pid"
  FORK_OTHER_CGROUP("fork.other_cgroup", Type.BOOL),

  FILE_PATH("file.path", Type.STRING),
  FILE_GIVEN("file.given", Type.STRING),
  FILE_NAME("file.name", Type.STRING), // last part of file.path
  FILE_FLAGS("file.flags", Type.LONG),
  FILE_WRITE("file.write", Type.BOOL),
  FILE_CREATE("file.create", Type.BOOL),
  FILE_INODE("file.inode", Type.LONG),
  FILE_WATCHED("file.watched", Type.BOOL),
  FILE_TARGET("file.target", Type.STRING),
  FILE_TARGET_GIVEN("file.target_given", Type.STRING),
  FILE_MODE("file.mode", Type.LONG),
  FILE_OWNER("file.owner", Type.LONG),
  FILE_GROUP("file.group", Type.LONG),
  FILE_SYMBOLIC("file.symbolic", Type.BOOL),
  FILE_LENGTH("file.length", Type.LONG),
  FILE_SETUID("file.setuid", Type.BOOL),
  FILE_TYPE("file.type", Type.STRING),
  FILE_SPECIAL_DEVICE("file.special_device", Type.LONG),
  FILE_BY_HANDLE("file.by_handle", Type.BOOL),

  // Of every network kind, or of the socket that a dup moved.
  CONNECTION_FAMILY("connection.family", Type.STRING),
  CONNECTION_PROTOCOL("connection.protocol", Type.STRING),
  CONNECTION_LOCAL_ADDRESS("connection.local_address", Type.STRING),
  CONNECTION_LOCAL_PORT("connection.local_port", Type.LONG),
  CONNECTION_REMOTE_ADDRESS("connection.remote_address", Type.STRING),
  CONNECTION_REMOTE_PORT("connection.remote_port", Type.LONG),
  CONNECTION_PATH("connection.path", Type.STRING),
  CONNECTION_TYPE("connection.type", Type.STRING),
  CONNECTION_BYTES_SENT("connection.bytes_sent", Type.LONG),
  CONNECTION_BYTES_RECEIVED("connection.bytes_received", Type.LONG),
  CONNECTION_DURATION("connection.duration", Type.LONG),
  CONNECTION_QUESTION("connection.question", Type.STRING),
  CONNECTION_QUESTION_TYPE("connection.question_type", Type.STRING),
  CONNECTION_PEER_PID("connection.peer_pid", Type.LONG),

  DUP_FROM("dup.from", Type.LONG),
  DUP_TO("dup.to", Type.LONG),
  DUP_TYPE("dup.type", Type.STRING), // lower-case Fd.Type
  DUP_PATH("dup.path", Type.STRING),

  CREDENTIALS_CALL("credentials.call", Type.STRING),
  CREDENTIALS_UID("credentials.uid", Type.LONG),
  CREDENTIALS_EUID("credentials.euid", Type.LONG),
  CREDENTIALS_SUID("credentials.suid", Type.LONG),
  CREDENTIALS_GID("credentials.gid", Type.LONG),
  CREDENTIALS_EGID("credentials.egid", Type.LONG),
  CREDENTIALS_OLD_UID("credentials.old_uid", Type.LONG),
  CREDENTIALS_OLD_EUID("credentials.old_euid", Type.LONG),
  CREDENTIALS_EFFECTIVE("credentials.effective", Type.STRING),
  CREDENTIALS_PERMITTED("credentials.permitted", Type.STRING),
  CREDENTIALS_INHERITABLE("credentials.inheritable", Type.STRING),
  CREDENTIALS_ADDED("credentials.added", Type.STRING),

  NAMESPACES_TYPES("namespaces.types", Type.STRING),
  NAMESPACES_FLAGS("namespaces.flags", Type.LONG),
  NAMESPACES_INODE("namespaces.inode", Type.LONG),
  NAMESPACES_PATH("namespaces.path", Type.STRING),

  MOUNT_OPERATION("mount.operation", Type.STRING),
  MOUNT_SOURCE("mount.source", Type.STRING),
  MOUNT_TARGET("mount.target", Type.STRING),
  MOUNT_TYPE("mount.type", Type.STRING),
  MOUNT_FLAGS("mount.flags", Type.LONG),

  TARGET_OPERATION("target.operation", Type.STRING),
  TARGET_ID("target.id", Type.LONG),
  TARGET_PID("target.pid", Type.LONG),
  TARGET_EXE("target.exe", Type.STRING),
  TARGET_LENGTH("target.length", Type.LONG),
  TARGET_SIGNAL("target.signal", Type.LONG),
  TARGET_AGENT("target.agent", Type.BOOL), // absent: it is not this agent

  MEMORY_OPERATION("memory.operation", Type.STRING),
  MEMORY_NAME("memory.name", Type.STRING),
  MEMORY_FLAGS("memory.flags", Type.LONG),
  MEMORY_ADDRESS("memory.address", Type.LONG),
  MEMORY_LENGTH("memory.length", Type.LONG),
  MEMORY_PROTECTION("memory.protection", Type.STRING),
  MEMORY_OLD_PROTECTION("memory.old_protection", Type.STRING),
  MEMORY_PATH("memory.path", Type.STRING),

  CODE_OPERATION("code.operation", Type.STRING),
  CODE_NAME("code.name", Type.STRING),
  CODE_PATH("code.path", Type.STRING),
  CODE_TYPE("code.type", Type.STRING),
  CODE_FLAGS("code.flags", Type.LONG),
  CODE_PARAMETERS("code.parameters", Type.STRING),

  KEY_OPERATION("key.operation", Type.STRING),
  KEY_SERIAL("key.serial", Type.LONG),
  KEY_TYPE("key.type", Type.STRING),
  KEY_DESCRIPTION("key.description", Type.STRING),

  RING_ENTRIES("ring.entries", Type.LONG),
  RING_FLAGS("ring.flags", Type.LONG),

  SHELL_LINE("shell.line", Type.STRING),
  SHELL_LIBRARY("shell.library", Type.STRING),

  HTTP_DIRECTION("http.direction", Type.STRING),
  HTTP_METHOD("http.method", Type.STRING),
  HTTP_PATH("http.path", Type.STRING),
  HTTP_HOST("http.host", Type.STRING),
  HTTP_USER_AGENT("http.user_agent", Type.STRING),
  HTTP_STATUS("http.status", Type.LONG),
  HTTP_HEAD("http.head", Type.STRING),
  HTTP_LIBRARY("http.library", Type.STRING),
  HTTP_SENT("http.sent", Type.BOOL),

  LOGIN_OPERATION("login.operation", Type.STRING),
  LOGIN_SERVICE("login.service", Type.STRING),
  LOGIN_USER("login.user", Type.STRING),
  LOGIN_REMOTE_HOST("login.remote_host", Type.STRING),
  LOGIN_TERMINAL("login.terminal", Type.STRING),
  LOGIN_SUCCESS("login.success", Type.BOOL),
  LOGIN_STATUS("login.status", Type.LONG),

  LIFECYCLE_OPERATION("lifecycle.operation", Type.STRING),
  LIFECYCLE_PRIVILEGED("lifecycle.privileged", Type.BOOL),
  LIFECYCLE_CAPABILITIES("lifecycle.capabilities", Type.STRING),
  LIFECYCLE_MOUNTS("lifecycle.mounts", Type.STRING),
  LIFECYCLE_SHARED_NAMESPACES("lifecycle.shared_namespaces", Type.STRING),
  LIFECYCLE_DURATION("lifecycle.duration", Type.LONG),

  AUDIT_ID("audit.id", Type.STRING),
  AUDIT_VERB("audit.verb", Type.STRING),
  AUDIT_USER("audit.user", Type.STRING),
  AUDIT_GROUPS("audit.groups", Type.STRING),
  AUDIT_IMPERSONATED("audit.impersonated", Type.STRING),
  AUDIT_SOURCE_ADDRESS("audit.source_address", Type.STRING),
  AUDIT_USER_AGENT("audit.user_agent", Type.STRING),
  AUDIT_RESOURCE("audit.resource", Type.STRING),
  AUDIT_SUBRESOURCE("audit.subresource", Type.STRING),
  AUDIT_NAMESPACE("audit.namespace", Type.STRING),
  AUDIT_NAME("audit.name", Type.STRING),
  AUDIT_STATUS("audit.status", Type.LONG),
  AUDIT_COMMAND("audit.command", Type.STRING),
  AUDIT_IMAGE("audit.image", Type.STRING),
  AUDIT_PRIVILEGED("audit.privileged", Type.BOOL),
  AUDIT_HOST_PATHS("audit.host_paths", Type.STRING),
  AUDIT_DECISION("audit.decision", Type.STRING),
  AUDIT_API_GROUP("audit.api_group", Type.STRING),
  AUDIT_SHARED_NAMESPACES("audit.shared_namespaces", Type.STRING),
  AUDIT_CAPABILITIES("audit.capabilities", Type.STRING),

  SENSOR_COMPONENT("sensor.component", Type.STRING),
  SENSOR_STATE("sensor.state", Type.STRING),
  SENSOR_DETAIL("sensor.detail", Type.STRING),

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
