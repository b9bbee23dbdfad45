package dev.interdict.cli;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import java.util.function.Consumer;

/** What a line says of the kinds of privilege and escape. */
final class PrivilegeText {
  private final StringBuilder text;
  private final Consumer<String> foreign;

  /**
   * @param foreign appends what processes have chosen
   */
  PrivilegeText(StringBuilder text, Consumer<String> foreign) {
    this.text = text;
    this.foreign = foreign;
  }

  void append(EventView event) {
    switch (Kind.forNumber(event.kind())) {
      case SETUID -> {
        text.append(orDash(event.string(Field.CREDENTIALS_CALL)));
        change(event, "uid", Field.CREDENTIALS_OLD_UID, Field.CREDENTIALS_UID);
        change(event, "euid", Field.CREDENTIALS_OLD_EUID, Field.CREDENTIALS_EUID);
        number(event, "gid", Field.CREDENTIALS_GID);
        number(event, "egid", Field.CREDENTIALS_EGID);
      }
      case CAPSET -> {
        text.append("effective ").append(orDash(event.string(Field.CREDENTIALS_EFFECTIVE)));
        own(event, "added", Field.CREDENTIALS_ADDED);
      }
      case SETNS, UNSHARE -> {
        text.append(orDash(event.string(Field.NAMESPACES_TYPES)));
        number(event, "inode", Field.NAMESPACES_INODE);
        name(event, Field.NAMESPACES_PATH);
      }
      case MOUNT, CHROOT -> {
        text.append(orDash(event.string(Field.MOUNT_OPERATION)));
        name(event, Field.MOUNT_TYPE);
        name(event, Field.MOUNT_SOURCE);
        if (event.has(Field.MOUNT_TARGET)) {
          text.append(" →");
          name(event, Field.MOUNT_TARGET);
        }
      }
      case PTRACE, VMWRITE, SIGNAL -> {
        text.append(orDash(event.string(Field.TARGET_OPERATION)));
        number(event, "signal", Field.TARGET_SIGNAL);
        number(event, "pid", Field.TARGET_PID);
        name(event, Field.TARGET_EXE);
        number(event, "bytes", Field.TARGET_LENGTH);
      }
      case MEMFD, MPROTECT, USERFAULTFD -> {
        text.append(orDash(event.string(Field.MEMORY_OPERATION)));
        name(event, Field.MEMORY_NAME);
        name(event, Field.MEMORY_PROTECTION);
        number(event, "bytes", Field.MEMORY_LENGTH);
        name(event, Field.MEMORY_PATH);
      }
      case KEYCTL -> {
        text.append(orDash(event.string(Field.KEY_OPERATION)));
        number(event, "key", Field.KEY_SERIAL);
        name(event, Field.KEY_TYPE);
        name(event, Field.KEY_DESCRIPTION);
      }
      default -> {
        text.append(orDash(event.string(Field.CODE_OPERATION)));
        name(event, Field.CODE_NAME);
        own(event, "type", Field.CODE_TYPE);
        name(event, Field.CODE_PATH);
        name(event, Field.CODE_PARAMETERS);
      }
    }
  }

  private static String orDash(String value) {
    return value == null || value.isEmpty() ? "-" : value;
  }

  private void change(EventView event, String name, Field from, Field to) {
    if (!event.has(to)) {
      return;
    }
    text.append(' ').append(name).append(' ');
    if (event.has(from) && event.number(from) != event.number(to)) {
      text.append(event.number(from)).append(" → ");
    }
    text.append(event.number(to));
  }

  private void number(EventView event, String name, Field field) {
    if (event.has(field)) {
      text.append(' ').append(name).append(' ').append(event.number(field));
    }
  }

  private void own(EventView event, String name, Field field) {
    String value = event.string(field);
    if (value != null) {
      text.append(' ').append(name).append(' ').append(value);
    }
  }

  private void name(EventView event, Field field) {
    String value = event.string(field);
    if (value != null && !value.isEmpty()) {
      text.append(' ');
      foreign.accept(value);
    }
  }
}
