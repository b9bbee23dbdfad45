package dev.interdict.schema;

import static dev.interdict.schema.Field.*;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ProtocolMessageEnum;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Where the protobuf fields of one message go in an {@link EventView}: by field number, the ordinal
 * of the Field, or one of the constants for what is more than a scalar. Each must have the wire
 * type given here; with another it is skipped like an unknown one, as protobuf does.
 */
final class Slots {
  static final int NONE = -1;
  // Above every ordinal.
  static final int ARGUMENT = 1 << 10;
  static final int CONTAINER_RANGE = ARGUMENT + 1;
  static final int ANCESTOR_RANGE = ARGUMENT + 2;
  static final int FD_RANGE = ARGUMENT + 3;
  static final int SOCKET_RANGE = ARGUMENT + 4;

  static final Slots PROCESS =
      new Slots()
          .id(1, PROCESS_ID)
          .number(2, PROCESS_PID)
          .number(3, PROCESS_START_TIME)
          .text(4, PROCESS_EXE)
          .text(5, PROCESS_PATH)
          .put(6, WireCursor.BYTES, ARGUMENT)
          .text(8, PROCESS_CWD)
          .number(9, PROCESS_UID)
          .number(10, PROCESS_GID)
          .number(11, PROCESS_EUID)
          .text(12, PROCESS_USER)
          .text(13, PROCESS_COMM)
          .text(14, PROCESS_TTY)
          .number(15, PROCESS_CGROUP_ID)
          .text(16, PROCESS_CGROUP)
          .put(17, WireCursor.BYTES, CONTAINER_RANGE)
          .put(18, WireCursor.BYTES, ANCESTOR_RANGE);

  static final Slots CONTAINER =
      new Slots()
          .text(1, CONTAINER_ID)
          .text(2, CONTAINER_NAME)
          .text(3, CONTAINER_IMAGE)
          .text(4, CONTAINER_POD)
          .text(5, CONTAINER_NAMESPACE)
          .text(6, CONTAINER_RUNTIME);

  /** Each ancestor is read as if it were the parent; the parent itself last. */
  static final Slots ANCESTOR =
      new Slots()
          .id(1, PARENT_ID)
          .number(2, PARENT_PID)
          .text(3, PARENT_EXE)
          .text(4, PARENT_COMMAND_LINE)
          .number(5, PARENT_UID);

  private static final Slots EXEC =
      new Slots()
          .put(1, WireCursor.BYTES, FD_RANGE)
          .number(2, EXEC_MEMFD)
          .number(3, EXEC_DELETED)
          .number(4, EXEC_JUST_WRITTEN)
          .id(5, EXEC_WRITER_ID)
          .text(6, EXEC_SCRIPT)
          .text(7, EXEC_ENVIRONMENT)
          .number(8, EXEC_UPPER_LAYER);

  private static final Slots EXIT = new Slots().number(1, EXIT_CODE).number(2, EXIT_SIGNAL);

  private static final Slots FORK =
      new Slots()
          .id(1, FORK_CHILD_ID)
          .number(2, FORK_CHILD_PID)
          .text(3, FORK_NAMESPACES)
          .number(4, FORK_OTHER_CGROUP);

  static final Slots CONNECTION = of(Connection.getDescriptor(), "connection");

  private static final Slots DUP =
      new Slots().number(1, DUP_FROM).number(2, DUP_TO).put(3, WireCursor.BYTES, FD_RANGE);

  /** The descriptor that a dup moved. */
  static final Slots DUP_FD =
      new Slots().name(2, DUP_TYPE).text(3, DUP_PATH).put(4, WireCursor.BYTES, SOCKET_RANGE);

  private static final Slots GAP =
      new Slots()
          .name(1, GAP_REASON)
          .name(2, GAP_LANE)
          .number(3, GAP_COUNT)
          .number(4, GAP_COUNTED)
          .time(5, GAP_FROM_TIME)
          .time(6, GAP_UNTIL_TIME)
          .number(7, GAP_FIRST_SEQUENCE)
          .number(8, GAP_LAST_SEQUENCE);

  private static final Slots NOTHING = new Slots();

  /**
   * By field number; of details made of scalars only, the messages and the Fields name the same.
   */
  private static final Slots[] DETAILS = new Slots[Event.TICK_FIELD_NUMBER + 1];

  private static final Map<Descriptor, String> GROUPS =
      Map.ofEntries(
          Map.entry(FileOperation.getDescriptor(), "file"),
          Map.entry(Connection.getDescriptor(), "connection"),
          Map.entry(Credentials.getDescriptor(), "credentials"),
          Map.entry(Namespaces.getDescriptor(), "namespaces"),
          Map.entry(Mount.getDescriptor(), "mount"),
          Map.entry(Intrusion.getDescriptor(), "target"),
          Map.entry(Memory.getDescriptor(), "memory"),
          Map.entry(KernelCode.getDescriptor(), "code"),
          Map.entry(Key.getDescriptor(), "key"),
          Map.entry(Ring.getDescriptor(), "ring"),
          Map.entry(Shell.getDescriptor(), "shell"),
          Map.entry(Http.getDescriptor(), "http"),
          Map.entry(Login.getDescriptor(), "login"),
          Map.entry(Lifecycle.getDescriptor(), "lifecycle"),
          Map.entry(Audit.getDescriptor(), "audit"),
          Map.entry(SensorState.getDescriptor(), "sensor"));

  static final int FIRST_DETAIL = Event.EXEC_FIELD_NUMBER;

  /** A detail has the number of its kind plus this; gaps and ticks have that of their kind. */
  static final int DETAIL_AFTER_KIND = Event.EXEC_FIELD_NUMBER - Kind.EXEC_VALUE;

  /** The descriptors of an exec, by their number. */
  static final Field[] STANDARD = {EXEC_STDIN, EXEC_STDOUT, EXEC_STDERR};

  private static final int LIMIT_OF_NAMES = 64;
  private static final byte[][] FD_TYPES = names(Fd.Type.values());
  private static final byte[][][] NAMES = new byte[Field.values().length][][];

  static {
    NAMES[EXEC_STDIN.ordinal()] = FD_TYPES;
    NAMES[EXEC_STDOUT.ordinal()] = FD_TYPES;
    NAMES[EXEC_STDERR.ordinal()] = FD_TYPES;
    NAMES[DUP_TYPE.ordinal()] = FD_TYPES;
    NAMES[CONNECTION_FAMILY.ordinal()] = names(Connection.Family.values());
    NAMES[GAP_REASON.ordinal()] = names(Gap.Reason.values());
    NAMES[GAP_LANE.ordinal()] = names(Lane.values());
    Arrays.fill(DETAILS, NOTHING);
    for (FieldDescriptor detail : Event.getDescriptor().getOneofs().get(0).getFields()) {
      String group = GROUPS.get(detail.getMessageType());
      DETAILS[detail.getNumber()] = group == null ? NOTHING : of(detail.getMessageType(), group);
    }
    DETAILS[Event.EXEC_FIELD_NUMBER] = EXEC;
    DETAILS[Event.EXIT_FIELD_NUMBER] = EXIT;
    DETAILS[Event.FORK_FIELD_NUMBER] = FORK;
    DETAILS[Event.DUP_FIELD_NUMBER] = DUP;
    DETAILS[Event.GAP_FIELD_NUMBER] = GAP;
  }

  /** Wire type and slot by field number. */
  private int[] wire = {};

  private int[] slot = {};

  /** Absent on the wire means zero for these, since their message is there. */
  private int[] zeroes = {};

  static Slots ofDetail(int number) {
    return number < DETAILS.length ? DETAILS[number] : NOTHING;
  }

  /**
   * The Fields of a message by the names of its own fields; those that no Field names are skipped.
   */
  private static Slots of(Descriptor message, String group) {
    Slots slots = new Slots();
    for (FieldDescriptor part : message.getFields()) {
      Field field = Field.byName(group + "." + part.getName());
      if (field == null) {
        continue;
      }
      boolean implied = !part.hasPresence(); // then zero is not written
      switch (part.getType()) {
        case STRING -> slots.text(part.getNumber(), field);
        case FIXED64 -> slots.id(part.getNumber(), field);
        default -> {
          if (implied) {
            slots.zero(field);
          }
          slots.put(part.getNumber(), WireCursor.VARINT, field.ordinal());
        }
      }
    }
    return slots;
  }

  static boolean isName(int ordinal) {
    return NAMES[ordinal] != null;
  }

  /** The lower-case name of an enum value; that of zero for one that this version does not know. */
  static byte[] nameOf(int ordinal, long value) {
    byte[][] names = NAMES[ordinal];
    byte[] name = value >= 0 && value < names.length ? names[(int) value] : null;
    return name == null ? names[0] : name;
  }

  int slot(long number, int wireType) {
    return number < slot.length && wire[(int) number] == wireType ? slot[(int) number] : NONE;
  }

  int[] zeroes() {
    return zeroes;
  }

  /** Null where it is more than a scalar. */
  Field fieldOf(int number) {
    int ordinal = number < slot.length ? slot[number] : NONE;
    return ordinal == NONE || ordinal >= ARGUMENT ? null : Field.values()[ordinal];
  }

  /** The number of the protobuf field that this Field is read from; NONE if it is not in here. */
  int numberOf(Field field) {
    for (int number = 0; number < slot.length; number++) {
      if (slot[number] == field.ordinal()) {
        return number;
      }
    }
    return NONE;
  }

  /** A 64-bit identity: zero means that there is none. */
  private Slots id(int number, Field field) {
    return put(number, WireCursor.FIXED64, field.ordinal());
  }

  private Slots time(int number, Field field) {
    return zero(field).put(number, WireCursor.FIXED64, field.ordinal());
  }

  private Slots number(int number, Field field) {
    return zero(field).put(number, WireCursor.VARINT, field.ordinal());
  }

  private Slots name(int number, Field field) {
    return zero(field).put(number, WireCursor.VARINT, field.ordinal());
  }

  private Slots text(int number, Field field) {
    return put(number, WireCursor.BYTES, field.ordinal());
  }

  private Slots zero(Field field) {
    zeroes = Arrays.copyOf(zeroes, zeroes.length + 1);
    zeroes[zeroes.length - 1] = field.ordinal();
    return this;
  }

  private Slots put(int number, int wireType, int target) {
    int before = slot.length;
    if (number >= before) {
      slot = Arrays.copyOf(slot, number + 1);
      wire = Arrays.copyOf(wire, number + 1);
      Arrays.fill(slot, before, number + 1, NONE);
    }
    slot[number] = target;
    wire[number] = wireType;
    return this;
  }

  private static byte[][] names(ProtocolMessageEnum[] values) {
    byte[][] names = new byte[LIMIT_OF_NAMES][];
    for (ProtocolMessageEnum value : values) {
      String name = value.toString();
      if (!name.equals("UNRECOGNIZED")) {
        names[value.getNumber()] = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
      }
    }
    return names;
  }
}
