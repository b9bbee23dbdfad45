package dev.interdict.schema;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Makes an event out of its fields. Those that follow from others are left to follow. */
final class EventAssembler {
  private final Event.Builder event = Event.newBuilder();

  /** Of the detail: which message they go into is known when the kind is. */
  private final Map<Field, Object> details = new EnumMap<>(Field.class);

  Event build() {
    if (event.getTime() == 0 || event.getKindValue() == 0) {
      throw new IllegalArgumentException("an event needs time and kind, neither of them zero");
    }
    if (!details.isEmpty() || event.getKind() == Kind.TICK) {
      EventDetail.set(event, details);
    }
    return event.build();
  }

  void set(Field field, long value) {
    int narrow = (int) value;
    switch (field) {
      case TIME -> event.setTime(value);
      case RESULT -> event.setResult(narrow);
      case COUNT -> event.setCount(value);
      case IO_URING -> event.setIoUring(value != 0);
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
      default -> details.put(field, value);
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
      case PROCESS_NAME, PROCESS_COMMAND_LINE, PARENT_NAME, FILE_NAME -> {
        // These follow from the path or the arguments.
      }
      default -> details.put(field, value);
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
}
