package dev.interdict.schema;

import java.util.Arrays;

/**
 * What has been found so far in the event under an {@link EventView}: tables by the ordinal of the
 * field, filled group by group when first asked for. A stamp says in which generation an entry was
 * written, so that going to the next event clears nothing.
 */
final class EventScan {
  private static final int FIELDS = Field.values().length;

  private static final int EVENT = 1;
  static final int PROCESS = 2;
  private static final int CONTAINER = 4;
  static final int ANCESTORS = 8;
  private static final int DETAIL = 16;
  private static final int COMMAND_LINE = 32;
  private static final int[] GROUP = new int[FIELDS];

  static {
    for (Field field : Field.values()) {
      GROUP[field.ordinal()] =
          switch (field) {
            case TIME, KIND, RESULT, COUNT, IO_URING -> EVENT;
            case PROCESS_COMMAND_LINE -> COMMAND_LINE;
            default ->
                switch (field.dotted().substring(0, field.dotted().indexOf('.'))) {
                  case "process" -> PROCESS;
                  case "container" -> CONTAINER;
                  case "parent", "ancestors" -> ANCESTORS;
                  default -> DETAIL;
                };
          };
    }
  }

  final long[] numbers = new long[FIELDS];
  final int[] starts = new int[FIELDS];
  final int[] lengths = new int[FIELDS];
  final byte[][] texts = new byte[FIELDS][]; // null: in the event's own array
  final Slices arguments = new Slices();
  final Slices ancestors = new Slices();
  final Slices ancestorExes = new Slices();
  final Slices ancestorCommandLines = new Slices();
  long[] ancestorIds = new long[16];

  private final WireCursor in = new WireCursor();
  private final int[] stamps = new int[FIELDS];
  private byte[] joined = new byte[256];
  private int generation;
  private int parsed;

  private byte[] array;
  private int offset;
  private int end;
  private int processStart;
  private int processEnd;
  private int containerStart;
  private int containerEnd;
  private int detailNumber;
  private int detailStart;
  private int detailEnd;
  private int socketStart;
  private int socketEnd;

  void wrap(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    end = offset + length;
    in.wrap(array, offset);
    parsed = 0;
    if (++generation == 0) { // once in 2^32: no stamp of an earlier round may look fresh
      Arrays.fill(stamps, 0);
      generation = 1;
    }
  }

  boolean present(int ordinal) {
    ensure(GROUP[ordinal]);
    return stamps[ordinal] == generation;
  }

  void ensure(int group) {
    if ((parsed & group) == 0) {
      parse(group);
    }
  }

  int kind() {
    in.at = offset + EventView.KIND_OFFSET;
    return (int) in.varint(end);
  }

  private void parse(int group) {
    switch (group) {
      case EVENT -> parseEvent();
      case PROCESS -> parseProcess();
      case CONTAINER -> parseContainer();
      case ANCESTORS -> parseAncestors();
      case DETAIL -> parseDetail();
      default -> joinArguments();
    }
    parsed |= group;
  }

  private void parseEvent() {
    processStart = -1;
    detailStart = -1;
    set(Field.TIME.ordinal(), EventView.timeOf(array, offset));
    set(Field.RESULT.ordinal(), 0);
    setText(Field.KIND.ordinal(), Kinds.nameBytes(kind()));
    while (in.at < end) {
      long tag = in.varint(end);
      int number = in.fieldNumber(tag);
      int wireType = (int) tag & 7;
      if (wireType == WireCursor.BYTES) {
        int length = in.length(end);
        if (number == Event.PROCESS_FIELD_NUMBER) {
          processStart = in.at;
          processEnd = in.at + length;
        } else if (number >= Slots.FIRST_DETAIL && number <= Event.TICK_FIELD_NUMBER) {
          detailNumber = number;
          detailStart = in.at;
          detailEnd = in.at + length;
        }
        in.at += length;
      } else if (wireType == WireCursor.VARINT && number == Event.RESULT_FIELD_NUMBER) {
        int zigzag = (int) in.varint(end);
        set(Field.RESULT.ordinal(), (zigzag >>> 1) ^ -(zigzag & 1));
      } else if (wireType == WireCursor.VARINT && number == Event.COUNT_FIELD_NUMBER) {
        set(Field.COUNT.ordinal(), in.varint(end));
      } else if (wireType == WireCursor.VARINT && number == Event.IO_URING_FIELD_NUMBER) {
        set(Field.IO_URING.ordinal(), in.varint(end));
      } else {
        in.skip(wireType, end);
      }
    }
  }

  private void parseProcess() {
    ensure(EVENT);
    arguments.clear();
    ancestors.clear();
    containerStart = -1;
    if (processStart >= 0) {
      scan(Slots.PROCESS, processStart, processEnd);
      setName(Field.PROCESS_EXE, Field.PROCESS_NAME);
    }
  }

  private void parseContainer() {
    ensure(PROCESS);
    if (containerStart >= 0) {
      scan(Slots.CONTAINER, containerStart, containerEnd);
    }
  }

  private void parseAncestors() {
    ensure(PROCESS);
    ancestorExes.clear();
    ancestorCommandLines.clear();
    if (ancestorIds.length < ancestors.count()) {
      ancestorIds = new long[2 * ancestors.count()];
    }
    for (int i = 0; i < ancestors.count(); i++) {
      scanAncestor(i);
      ancestorIds[i] = fresh(Field.PARENT_ID) ? numbers[Field.PARENT_ID.ordinal()] : 0;
      addFresh(Field.PARENT_EXE, ancestorExes);
      addFresh(Field.PARENT_COMMAND_LINE, ancestorCommandLines);
    }
    if (ancestors.count() > 0) {
      scanAncestor(0);
      setName(Field.PARENT_EXE, Field.PARENT_NAME);
    }
  }

  private void scanAncestor(int index) {
    stamps[Field.PARENT_ID.ordinal()] = generation - 1;
    stamps[Field.PARENT_EXE.ordinal()] = generation - 1;
    stamps[Field.PARENT_COMMAND_LINE.ordinal()] = generation - 1;
    int start = ancestors.start(index);
    scan(Slots.ANCESTOR, start, start + ancestors.length(index));
  }

  private boolean fresh(Field field) {
    return stamps[field.ordinal()] == generation;
  }

  private void addFresh(Field field, Slices slices) {
    if (fresh(field)) {
      slices.add(starts[field.ordinal()], lengths[field.ordinal()]);
    } else {
      slices.add(offset, 0);
    }
  }

  private void parseDetail() {
    ensure(EVENT);
    if (detailStart >= 0) {
      socketStart = -1;
      scan(Slots.ofDetail(detailNumber), detailStart, detailEnd);
      if (socketStart >= 0) {
        scan(Slots.CONNECTION, socketStart, socketEnd);
      }
      setName(Field.FILE_PATH, Field.FILE_NAME);
    }
  }

  private void joinArguments() {
    ensure(PROCESS);
    int ordinal = Field.PROCESS_COMMAND_LINE.ordinal();
    int count = arguments.count();
    if (count == 1) {
      texts[ordinal] = null;
      setSlice(ordinal, arguments.start(0), arguments.length(0));
    } else if (count > 1) {
      int length = 0;
      for (int i = 0; i < count; i++) {
        length = append(arguments.start(i), arguments.length(i), length);
      }
      texts[ordinal] = joined;
      setSlice(ordinal, 0, length - 1);
    }
  }

  private int append(int start, int length, int to) {
    if (joined.length < to + length + 1) {
      joined = Arrays.copyOf(joined, Math.max(2 * joined.length, to + length + 1));
    }
    System.arraycopy(array, start, joined, to, length);
    joined[to + length] = ' ';
    return to + length + 1;
  }

  private void scan(Slots slots, int from, int to) {
    for (int ordinal : slots.zeroes()) {
      if (Slots.isName(ordinal)) {
        setText(ordinal, Slots.nameOf(ordinal, 0));
      } else {
        set(ordinal, 0);
      }
    }
    in.at = from;
    while (in.at < to) {
      long tag = in.varint(to);
      int wireType = (int) tag & 7;
      int slot = slots.slot(in.fieldNumber(tag), wireType);
      if (slot == Slots.NONE) {
        in.skip(wireType, to);
      } else if (wireType == WireCursor.BYTES) {
        int length = in.length(to);
        int start = in.at;
        if (slot < FIELDS) {
          setSlice(slot, start, length);
        } else {
          range(slot, start, length);
        }
        in.at = start + length;
      } else if (wireType == WireCursor.FIXED64) {
        long value = in.fixed64(to);
        if (value != 0) {
          set(slot, value);
        }
      } else if (Slots.isName(slot)) {
        setText(slot, Slots.nameOf(slot, in.varint(to)));
      } else {
        set(slot, in.varint(to));
      }
    }
  }

  private void range(int slot, int start, int length) {
    switch (slot) {
      case Slots.ARGUMENT -> arguments.add(start, length);
      case Slots.ANCESTOR_RANGE -> ancestors.add(start, length);
      case Slots.CONTAINER_RANGE -> {
        containerStart = start;
        containerEnd = start + length;
      }
      case Slots.SOCKET_RANGE -> {
        socketStart = start;
        socketEnd = start + length;
      }
      default -> {
        if (detailNumber == Event.DUP_FIELD_NUMBER) {
          scan(Slots.DUP_FD, start, start + length);
        } else {
          standardFd(start, start + length);
        }
      }
    }
  }

  private void standardFd(int from, int to) {
    long number = 0;
    long type = 0;
    in.at = from;
    while (in.at < to) {
      long tag = in.varint(to);
      if (tag == Fd.NUMBER_FIELD_NUMBER << 3) {
        number = in.varint(to);
      } else if (tag == Fd.TYPE_FIELD_NUMBER << 3) {
        type = in.varint(to);
      } else {
        in.fieldNumber(tag);
        in.skip((int) tag & 7, to);
      }
    }
    if (number >= 0 && number < Slots.STANDARD.length) {
      int ordinal = Slots.STANDARD[(int) number].ordinal();
      setText(ordinal, Slots.nameOf(ordinal, type));
    }
  }

  private void set(int ordinal, long value) {
    numbers[ordinal] = value;
    stamps[ordinal] = generation;
  }

  private void setSlice(int ordinal, int start, int length) {
    if (length > 0) {
      starts[ordinal] = start;
      lengths[ordinal] = length;
      stamps[ordinal] = generation;
    }
  }

  private void setText(int ordinal, byte[] text) {
    numbers[ordinal] = 0;
    texts[ordinal] = text;
    starts[ordinal] = 0;
    lengths[ordinal] = text.length;
    stamps[ordinal] = generation;
  }

  private void setName(Field path, Field name) {
    if (fresh(path)) {
      int start = starts[path.ordinal()];
      int stop = start + lengths[path.ordinal()];
      int from = nameStart(start, stop);
      setSlice(name.ordinal(), from, stop - from);
    }
  }

  /** Where the last part of a path begins. */
  int nameStart(int start, int stop) {
    int from = stop;
    while (from > start && array[from - 1] != '/') {
      from--;
    }
    return from;
  }
}
