package dev.interdict.cep.content;

import dev.interdict.cep.sigma.Yaml;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Container;
import dev.interdict.schema.Dup;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.Fd;
import dev.interdict.schema.Field;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Fork;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Process;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An event as an author writes it: a map of dotted field names. What follows from other fields is
 * filled in: process.id from process.pid, arguments from the command line, the address family from
 * the address, parent.* from the first ancestor and the other way round.
 */
final class EventText {
  private final Yaml yaml;
  private final Map<Field, Yaml> values = new LinkedHashMap<>();

  private EventText(Yaml yaml) {
    this.yaml = yaml;
  }

  static Event event(Yaml yaml, long time) {
    EventText text = new EventText(yaml);
    for (Map.Entry<String, Yaml> entry : yaml.entries().entrySet()) {
      if (entry.getKey().equals("at")) {
        continue;
      }
      Field field = Field.byName(entry.getKey());
      if (field == null) {
        throw entry.getValue().problem("unknown field " + entry.getKey());
      }
      text.values.put(field, entry.getValue());
    }
    Event event = text.build(time);
    if (!text.values.isEmpty()) {
      throw yaml.problem(
          "an event of kind "
              + Kinds.name(event.getKindValue())
              + " has no "
              + text.values.keySet().iterator().next().dotted());
    }
    return event;
  }

  private Event build(long time) {
    Kind kind;
    try {
      kind = Kinds.parse(text(Field.KIND));
    } catch (IllegalArgumentException e) {
      throw yaml.problem(e.getMessage());
    }
    Event.Builder event =
        Event.newBuilder()
            .setTime(time)
            .setKind(kind)
            .setProcess(process())
            .setResult((int) number(Field.RESULT))
            .setIoUring(flag(Field.IO_URING));
    switch (kind) {
      case EXEC -> event.setExec(exec());
      case EXIT ->
          event.setExit(
              Exit.newBuilder()
                  .setCode((int) number(Field.EXIT_CODE))
                  .setSignal((int) number(Field.EXIT_SIGNAL)));
      case FORK ->
          event.setFork(
              Fork.newBuilder()
                  .setChildId(number(Field.FORK_CHILD_ID))
                  .setChildPid((int) number(Field.FORK_CHILD_PID)));
      case OPEN -> event.setOpen(open());
      case CONNECT -> event.setConnect(connection());
      case ACCEPT -> event.setAccept(connection());
      case DUP -> event.setDup(dup());
      default -> details(event);
    }
    return event.build();
  }

  /** Of a kind whose fields are all scalars, as they are. */
  private void details(Event.Builder event) {
    Map<Field, Object> details = new LinkedHashMap<>();
    for (Field field : List.copyOf(values.keySet())) {
      switch (field.type()) {
        case LONG -> details.put(field, number(field));
        case BOOL -> details.put(field, flag(field) ? 1L : 0L);
        case STRING -> details.put(field, text(field));
        default -> throw yaml.problem("a list is not expected in " + field.dotted());
      }
    }
    try {
      EventDetail.set(event, details);
    } catch (IllegalArgumentException e) {
      throw yaml.problem(e.getMessage());
    }
  }

  private Process process() {
    Process.Builder process = Process.newBuilder();
    int pid = (int) number(Field.PROCESS_PID);
    String exe = text(Field.PROCESS_EXE);
    String path = text(Field.PROCESS_PATH);
    String commandLine = text(Field.PROCESS_COMMAND_LINE);
    List<String> arguments = texts(Field.PROCESS_ARGS);
    process
        .setPid(pid)
        .setId(values.containsKey(Field.PROCESS_ID) ? number(Field.PROCESS_ID) : pid)
        .setStartTime(number(Field.PROCESS_START_TIME))
        .setExe(exe)
        .setPath(path.isEmpty() ? exe : path)
        .addAllArgs(
            arguments.isEmpty() && !commandLine.isEmpty()
                ? List.of(commandLine.split(" ", -1))
                : arguments)
        .setCwd(text(Field.PROCESS_CWD))
        .setUid((int) number(Field.PROCESS_UID))
        .setGid((int) number(Field.PROCESS_GID))
        .setEuid((int) number(Field.PROCESS_EUID))
        .setUser(text(Field.PROCESS_USER))
        .setComm(text(Field.PROCESS_COMM))
        .setTty(text(Field.PROCESS_TTY))
        .setCgroupId(number(Field.PROCESS_CGROUP_ID))
        .setCgroup(text(Field.PROCESS_CGROUP))
        .addAllAncestors(ancestors());
    Container container =
        Container.newBuilder()
            .setId(text(Field.CONTAINER_ID))
            .setName(text(Field.CONTAINER_NAME))
            .setImage(text(Field.CONTAINER_IMAGE))
            .setPod(text(Field.CONTAINER_POD))
            .setNamespace(text(Field.CONTAINER_NAMESPACE))
            .setRuntime(text(Field.CONTAINER_RUNTIME))
            .build();
    if (!container.equals(Container.getDefaultInstance())) {
      process.setContainer(container);
    }
    return process.build();
  }

  private List<Ancestor> ancestors() {
    List<String> exes = new ArrayList<>(texts(Field.ANCESTOR_EXES));
    List<String> ids = texts(Field.ANCESTOR_IDS);
    List<String> commandLines = texts(Field.ANCESTOR_COMMAND_LINES);
    List<Ancestor> ancestors = new ArrayList<>();
    int count = Math.max(exes.size(), Math.max(ids.size(), commandLines.size()));
    for (int i = 0; i < count; i++) {
      Ancestor.Builder ancestor = Ancestor.newBuilder();
      if (i < exes.size()) {
        ancestor.setExe(exes.get(i));
      }
      if (i < ids.size()) {
        ancestor.setId(whole(Field.ANCESTOR_IDS, ids.get(i)));
      }
      if (i < commandLines.size()) {
        ancestor.setCommandLine(commandLines.get(i));
      }
      ancestors.add(ancestor.build());
    }
    Ancestor.Builder parent =
        ancestors.isEmpty() ? Ancestor.newBuilder() : ancestors.remove(0).toBuilder();
    if (values.containsKey(Field.PARENT_PID)) {
      parent.setPid((int) number(Field.PARENT_PID));
      parent.setId(parent.getId() == 0 ? parent.getPid() : parent.getId());
    }
    if (values.containsKey(Field.PARENT_ID)) {
      parent.setId(number(Field.PARENT_ID));
    }
    if (values.containsKey(Field.PARENT_EXE)) {
      parent.setExe(text(Field.PARENT_EXE));
    }
    if (values.containsKey(Field.PARENT_COMMAND_LINE)) {
      parent.setCommandLine(text(Field.PARENT_COMMAND_LINE));
    }
    parent.setUid((int) number(Field.PARENT_UID));
    if (!ancestors.isEmpty() || !parent.build().equals(Ancestor.getDefaultInstance())) {
      ancestors.add(0, parent.build());
    }
    return ancestors;
  }

  private Exec exec() {
    Exec.Builder exec = Exec.newBuilder();
    Field[] standard = {Field.EXEC_STDIN, Field.EXEC_STDOUT, Field.EXEC_STDERR};
    for (int i = 0; i < standard.length; i++) {
      if (values.containsKey(standard[i])) {
        exec.addFds(Fd.newBuilder().setNumber(i).setType(type(standard[i])));
      }
    }
    return exec.setMemfd(flag(Field.EXEC_MEMFD))
        .setDeleted(flag(Field.EXEC_DELETED))
        .setJustWritten(flag(Field.EXEC_JUST_WRITTEN))
        .setWriterId(number(Field.EXEC_WRITER_ID))
        .setScript(text(Field.EXEC_SCRIPT))
        .setEnvironment(text(Field.EXEC_ENVIRONMENT))
        .setUpperLayer(flag(Field.EXEC_UPPER_LAYER))
        .build();
  }

  private FileOperation open() {
    return FileOperation.newBuilder()
        .setPath(text(Field.FILE_PATH))
        .setGiven(text(Field.FILE_GIVEN))
        .setFlags((int) number(Field.FILE_FLAGS))
        .setWrite(flag(Field.FILE_WRITE))
        .setCreate(flag(Field.FILE_CREATE))
        .setInode(number(Field.FILE_INODE))
        .setWatched(flag(Field.FILE_WATCHED))
        .setByHandle(flag(Field.FILE_BY_HANDLE))
        .build();
  }

  private Connection connection() {
    String local = text(Field.CONNECTION_LOCAL_ADDRESS);
    String remote = text(Field.CONNECTION_REMOTE_ADDRESS);
    String protocol = text(Field.CONNECTION_PROTOCOL);
    String family = text(Field.CONNECTION_FAMILY);
    if (family.isEmpty()) {
      family = (remote + local).indexOf(':') >= 0 ? "inet6" : "inet";
    }
    return Connection.newBuilder()
        .setFamily(named(Connection.Family.class, Field.CONNECTION_FAMILY, family))
        .setProtocol(protocol.isEmpty() ? "tcp" : protocol)
        .setLocalAddress(local)
        .setLocalPort((int) number(Field.CONNECTION_LOCAL_PORT))
        .setRemoteAddress(remote)
        .setRemotePort((int) number(Field.CONNECTION_REMOTE_PORT))
        .build();
  }

  private Dup dup() {
    Fd.Builder fd =
        Fd.newBuilder()
            .setNumber((int) number(Field.DUP_TO))
            .setType(type(Field.DUP_TYPE))
            .setPath(text(Field.DUP_PATH));
    boolean socket =
        values.keySet().stream().anyMatch(field -> field.dotted().startsWith("connection."));
    if (socket) {
      fd.setSocket(connection());
    }
    return Dup.newBuilder()
        .setFrom((int) number(Field.DUP_FROM))
        .setTo(fd.getNumber())
        .setFd(fd)
        .build();
  }

  private Fd.Type type(Field field) {
    String name = text(field);
    return named(Fd.Type.class, field, name.isEmpty() ? "other" : name);
  }

  private <E extends Enum<E>> E named(Class<E> type, Field field, String name) {
    try {
      return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw yaml.problem("invalid " + field.dotted() + "=" + name);
    }
  }

  private String text(Field field) {
    Yaml value = values.remove(field);
    return value == null ? "" : value.text();
  }

  private List<String> texts(Field field) {
    Yaml value = values.remove(field);
    return value == null ? List.of() : value.items().stream().map(Yaml::text).toList();
  }

  private boolean flag(Field field) {
    Yaml value = values.remove(field);
    return value != null && value.flag();
  }

  private long number(Field field) {
    String text = text(field);
    return text.isEmpty() ? 0 : whole(field, text);
  }

  private long whole(Field field, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw yaml.problem("invalid " + field.dotted() + "=" + text + ": expected a whole number");
    }
  }
}
