package dev.interdict.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Reads one serialized Event after the other without making objects. Only what is asked for is
 * parsed, once. One thread; nothing read from it is valid after the next wrap, except Strings,
 * lists and copied arrays.
 *
 * <p>A number, flag or name of an enum is present where its message is (protobuf does not write
 * zeroes), an identity where it is not zero, a string where it is not empty. Numbers that are
 * unsigned in protobuf come as the same 64 bits. Every method but {@code time} may find that the
 * bytes are malformed.
 */
public final class EventView {
  static final int KIND_OFFSET = 10;

  private static final int TIME_TAG = 0x09;
  private static final int TIME_OFFSET = 1;
  private static final int KIND_TAG = 0x10;
  private static final int KIND_TAG_OFFSET = 9;
  private static final int MIN_LENGTH = 11;

  private final EventScan scan = new EventScan();
  private byte[] array;
  private int offset;
  private int length;

  public EventView wrap(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    if (!beginsEvent(array, offset, length)) {
      throw new MalformedEventException("event does not begin with time and kind", 0);
    }
    this.array = array;
    this.offset = offset;
    this.length = length;
    scan.wrap(array, offset, length);
    return this;
  }

  /** Whether time and kind stand where every event has them. */
  public static boolean beginsEvent(byte[] array, int offset, int length) {
    return length >= MIN_LENGTH
        && array[offset] == TIME_TAG
        && array[offset + KIND_TAG_OFFSET] == KIND_TAG;
  }

  /** Of what begins an event: nothing is checked. */
  public static long timeOf(byte[] array, int offset) {
    return WireCursor.longAt(array, offset + TIME_OFFSET);
  }

  /** Of what begins an event: kinds are below 64, so they take one byte. Negative: malformed. */
  public static int kindOf(byte[] array, int offset) {
    return array[offset + KIND_OFFSET];
  }

  public long time() {
    return timeOf(array, offset);
  }

  public int kind() {
    int kind = kindOf(array, offset);
    return kind >= 0 ? kind : scan.kind();
  }

  public boolean has(Field field) {
    return switch (field.type()) {
      case STRINGS, LONGS -> count(field) > 0;
      default -> scan.present(field.ordinal());
    };
  }

  /** Of a LONG or BOOL field; 0 if absent. */
  public long number(Field field) {
    int ordinal = field.ordinal();
    return scan.present(ordinal) ? scan.numbers[ordinal] : 0;
  }

  public boolean flag(Field field) {
    return number(field) != 0;
  }

  /** Null if absent. */
  public String string(Field field) {
    if (field.type() != Field.Type.STRING) {
      throw new IllegalArgumentException("not a string: " + field.dotted());
    }
    int bytes = length(field);
    return bytes < 0 ? null : new String(array(field), start(field), bytes, StandardCharsets.UTF_8);
  }

  /** Of a STRINGS field; empty if absent. */
  public List<String> strings(Field field) {
    int count = count(field);
    List<String> strings = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      strings.add(new String(array, start(field, i), length(field, i), StandardCharsets.UTF_8));
    }
    return strings;
  }

  /** Of a LONGS field; empty if absent. */
  public long[] longs(Field field) {
    long[] longs = new long[count(field)];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = number(field, i);
    }
    return longs;
  }

  /** The array that was wrapped. Elements of STRINGS fields stand in it. */
  public byte[] array() {
    return array;
  }

  public int offset() {
    return offset;
  }

  public int length() {
    return length;
  }

  /** What {@link #start(Field)} points into: the event's array or one of the view. */
  public byte[] array(Field field) {
    int ordinal = field.ordinal();
    return scan.present(ordinal) && scan.texts[ordinal] != null ? scan.texts[ordinal] : array;
  }

  public int start(Field field) {
    int ordinal = field.ordinal();
    return scan.present(ordinal) ? scan.starts[ordinal] : 0;
  }

  /** Of a STRING field, in bytes; -1 if absent. */
  public int length(Field field) {
    int ordinal = field.ordinal();
    return scan.present(ordinal) ? scan.lengths[ordinal] : -1;
  }

  /** Elements of a STRINGS or LONGS field; 0 if absent. */
  public int count(Field field) {
    return switch (field) {
      case PROCESS_ARGS -> {
        scan.ensure(EventScan.PROCESS);
        yield scan.arguments.count();
      }
      case ANCESTOR_IDS, ANCESTOR_EXES, ANCESTOR_NAMES, ANCESTOR_COMMAND_LINES -> {
        scan.ensure(EventScan.ANCESTORS);
        yield scan.ancestors.count();
      }
      default -> throw new IllegalArgumentException("not a list: " + field.dotted());
    };
  }

  public int start(Field field, int index) {
    Objects.checkIndex(index, count(field));
    return switch (field) {
      case PROCESS_ARGS -> scan.arguments.start(index);
      case ANCESTOR_EXES -> scan.ancestorExes.start(index);
      case ANCESTOR_NAMES -> ancestorNameStart(index);
      case ANCESTOR_COMMAND_LINES -> scan.ancestorCommandLines.start(index);
      default -> throw new IllegalArgumentException("not a list of strings: " + field.dotted());
    };
  }

  /** In bytes; 0 where that ancestor has none, so that the lists of ancestors stay parallel. */
  public int length(Field field, int index) {
    Objects.checkIndex(index, count(field));
    return switch (field) {
      case PROCESS_ARGS -> scan.arguments.length(index);
      case ANCESTOR_EXES -> scan.ancestorExes.length(index);
      case ANCESTOR_NAMES -> ancestorExeEnd(index) - ancestorNameStart(index);
      case ANCESTOR_COMMAND_LINES -> scan.ancestorCommandLines.length(index);
      default -> throw new IllegalArgumentException("not a list of strings: " + field.dotted());
    };
  }

  /** An element of a LONGS field; 0 where that ancestor has none. */
  public long number(Field field, int index) {
    if (field.type() != Field.Type.LONGS) {
      throw new IllegalArgumentException("not a list of numbers: " + field.dotted());
    }
    Objects.checkIndex(index, count(field));
    return scan.ancestorIds[index];
  }

  private int ancestorNameStart(int index) {
    return scan.nameStart(scan.ancestorExes.start(index), ancestorExeEnd(index));
  }

  private int ancestorExeEnd(int index) {
    return scan.ancestorExes.start(index) + scan.ancestorExes.length(index);
  }
}
