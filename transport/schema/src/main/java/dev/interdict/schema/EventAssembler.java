package dev.interdict.schema;

import java.util.List;
import java.util.Locale;

/** Makes an event out of its fields. Those that follow from others are left to follow. */
final class EventAssembler {
  private final Event.Builder event = Event.newBuilder();
  private final Connection.Builder connection = Connection.newBuilder();
  private boolean connected;

  Event build() {
    if (event.getTime() == 0 || event.getKindValue() == 0) {
      throw new IllegalArgumentException("an event needs time and kind, neither of them zero");
    }
    if (connected) {
      switch (event.getKind()) {
        case CONNECT -> event.setConnect(connection);
        case ACCEPT -> event.setAccept(connection);
        default -> event.getDupBuilder().getFdBuilder().setSocket(connection);
      }
    } else if (event.getKind() == Kind.TICK) {
      event.setTick(Tick.getDefaultInstance());
    }
    return event.build();
  }

  void set(Field field, long value) {
    int narrow = (int) value;
    boolean flag = value != 0;
    switch (field) {
      case TIME -> event.setTime(value);
      case RESULT -> event.setResult(narrow);
      case PROCESS_ID -> process().setId(value);
      case PROCESS_PID -> process().setPid(narrow);
      case PROCESS_START_TIME -> process().setStartTime(value);
      case PROCESS_UID -> process().setUid(narrow);
      case PROCESS_GID -> process().setGid(narrow);
      case PROCESS_EUID -> process().setEuid(narrow);
      case PROCESS_CGROUP_ID -> process().setCgroupId(value);
      case PARENT_PID -> ancestor(0).setPid(narrow);
      case PARENT_UID -> ancestor(0).setUid(narrow);
      case PARENT_ID -> ancestor(0).setId(value);
      case EXEC_MEMFD -> event.getExecBuilder().setMemfd(flag);
      case EXEC_DELETED -> event.getExecBuilder().setDeleted(flag);
      case EXEC_JUST_WRITTEN -> event.getExecBuilder().setJustWritten(flag);
      case EXEC_WRITER_ID -> event.getExecBuilder().setWriterId(value);
      case EXIT_CODE -> event.getExitBuilder().setCode(narrow);
      case EXIT_SIGNAL -> event.getExitBuilder().setSignal(narrow);
      case FORK_CHILD_ID -> event.getForkBuilder().setChildId(value);
      case FORK_CHILD_PID -> event.getForkBuilder().setChildPid(narrow);
      case FILE_FLAGS -> event.getOpenBuilder().setFlags(narrow);
      case FILE_WRITE -> event.getOpenBuilder().setWrite(flag);
      case FILE_CREATE -> event.getOpenBuilder().setCreate(flag);
      case FILE_INODE -> event.getOpenBuilder().setInode(value);
      case FILE_WATCHED -> event.getOpenBuilder().setWatched(flag);
      case CONNECTION_LOCAL_PORT -> socket().setLocalPort(narrow);
      case CONNECTION_REMOTE_PORT -> socket().setRemotePort(narrow);
      case DUP_FROM -> event.getDupBuilder().setFrom(narrow);
      case DUP_TO -> event.getDupBuilder().setTo(narrow);
      case GAP_COUNT -> event.getGapBuilder().setCount(value);
      case GAP_COUNTED -> event.getGapBuilder().setCounted(flag);
      case GAP_FROM_TIME -> event.getGapBuilder().setFromTime(value);
      case GAP_UNTIL_TIME -> event.getGapBuilder().setUntilTime(value);
      case GAP_FIRST_SEQUENCE -> event.getGapBuilder().setFirstSequence(value);
      case GAP_LAST_SEQUENCE -> event.getGapBuilder().setLastSequence(value);
      default -> throw new IllegalArgumentException("not a number: " + field.dotted());
    }
  }

  void set(Field field, String value) {
    switch (field) {
      case KIND -> setKind(value);
      case PROCESS_EXE -> process().setExe(value);
      case PROCESS_PATH -> process().setPath(value);
      case PROCESS_CWD -> process().setCwd(value);
      case PROCESS_USER -> process().setUser(value);
      case PROCESS_COMM -> process().setComm(value);
      case PROCESS_TTY -> process().setTty(value);
      case PROCESS_CGROUP -> process().setCgroup(value);
      case CONTAINER_ID -> container().setId(value);
      case CONTAINER_NAME -> container().setName(value);
      case CONTAINER_IMAGE -> container().setImage(value);
      case CONTAINER_POD -> container().setPod(value);
      case CONTAINER_NAMESPACE -> container().setNamespace(value);
      case CONTAINER_RUNTIME -> container().setRuntime(value);
      case PARENT_EXE -> ancestor(0).setExe(value);
      case PARENT_COMMAND_LINE -> ancestor(0).setCommandLine(value);
      case EXEC_STDIN -> addFd(0, value);
      case EXEC_STDOUT -> addFd(1, value);
      case EXEC_STDERR -> addFd(2, value);
      case FILE_PATH -> event.getOpenBuilder().setPath(value);
      case FILE_GIVEN -> event.getOpenBuilder().setGiven(value);
      case CONNECTION_FAMILY -> socket().setFamily(Connection.Family.valueOf(upper(value)));
      case CONNECTION_PROTOCOL -> socket().setProtocol(value);
      case CONNECTION_LOCAL_ADDRESS -> socket().setLocalAddress(value);
      case CONNECTION_REMOTE_ADDRESS -> socket().setRemoteAddress(value);
      case DUP_TYPE -> event.getDupBuilder().getFdBuilder().setType(fdType(value));
      case DUP_PATH -> event.getDupBuilder().getFdBuilder().setPath(value);
      case GAP_REASON -> event.getGapBuilder().setReason(Gap.Reason.valueOf(upper(value)));
      case GAP_LANE -> event.getGapBuilder().setLane(Lane.valueOf(upper(value)));
      case PROCESS_NAME, PROCESS_COMMAND_LINE, PARENT_NAME, FILE_NAME -> {
        // These follow from the path or the arguments.
      }
      default -> throw new IllegalArgumentException("not a string: " + field.dotted());
    }
  }

  void setLongs(Field field, List<Long> values) {
    for (int i = 0; i < values.size(); i++) {
      ancestor(i).setId(values.get(i));
    }
  }

  void setStrings(Field field, List<String> values) {
    switch (field) {
      case PROCESS_ARGS -> process().addAllArgs(values);
      case ANCESTOR_NAMES -> {
        // These follow from the paths.
      }
      default -> {
        for (int i = 0; i < values.size(); i++) {
          if (field == Field.ANCESTOR_EXES) {
            ancestor(i).setExe(values.get(i));
          } else {
            ancestor(i).setCommandLine(values.get(i));
          }
        }
      }
    }
  }

  private void setKind(String name) {
    if (!name.isEmpty() && name.chars().allMatch(Character::isDigit)) {
      event.setKindValue(Integer.parseInt(name));
    } else {
      event.setKind(Kinds.parse(name));
    }
  }

  private Process.Builder process() {
    return event.getProcessBuilder();
  }

  private Container.Builder container() {
    return process().getContainerBuilder();
  }

  private Ancestor.Builder ancestor(int index) {
    while (process().getAncestorsCount() <= index) {
      process().addAncestorsBuilder();
    }
    return process().getAncestorsBuilder(index);
  }

  private Connection.Builder socket() {
    connected = true;
    return connection;
  }

  private void addFd(int number, String type) {
    event.getExecBuilder().addFdsBuilder().setNumber(number).setType(fdType(type));
  }

  private static Fd.Type fdType(String name) {
    return Fd.Type.valueOf(upper(name));
  }

  private static String upper(String name) {
    return name.toUpperCase(Locale.ROOT);
  }
}
