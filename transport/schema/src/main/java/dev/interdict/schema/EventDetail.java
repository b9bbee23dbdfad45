package dev.interdict.schema;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The detail of an event, made of Fields. */
public final class EventDetail {
  private EventDetail() {}

  /** The field number in {@code Event} of the detail of a kind. */
  public static int numberOf(int kind) {
    boolean own = kind == Kind.GAP_VALUE || kind == Kind.TICK_VALUE;
    return own ? kind : kind + Slots.DETAIL_AFTER_KIND;
  }

  /** The message in {@code Event} that is the detail of this kind; null where there is none. */
  public static FieldDescriptor of(int kind) {
    int number = numberOf(kind);
    FieldDescriptor detail =
        number < Slots.FIRST_DETAIL ? null : Event.getDescriptor().findFieldByNumber(number);
    return detail != null && detail.getContainingOneof() != null ? detail : null;
  }

  /** What the detail of this kind may hold, in the order of the message. */
  public static List<Field> fields(int kind) {
    FieldDescriptor detail = of(kind);
    if (detail == null) {
      return List.of();
    }
    Slots slots = Slots.ofDetail(detail.getNumber());
    List<Field> fields = new ArrayList<>();
    if (kind == Kind.EXEC_VALUE) {
      fields.addAll(List.of(Slots.STANDARD));
    }
    for (FieldDescriptor part : detail.getMessageType().getFields()) {
      Field field = slots.fieldOf(part.getNumber());
      if (field != null) {
        fields.add(field);
      } else if (detail.getMessageType().equals(Dup.getDescriptor())) {
        fields.addAll(List.of(Field.DUP_TYPE, Field.DUP_PATH));
        fields.addAll(fields(Kind.CONNECT_VALUE));
      }
    }
    return fields;
  }

  /**
   * @param event knows its kind already
   * @param values Long for numbers and flags, String for texts and names of enums
   * @throws IllegalArgumentException if a field is none of this kind's, or no such enum value
   */
  public static void set(Event.Builder event, Map<Field, Object> values) {
    FieldDescriptor detail = of(event.getKindValue());
    if (detail == null) {
      if (!values.isEmpty()) {
        throw misplaced(event, values.keySet().iterator().next());
      }
      return;
    }
    Message.Builder message = event.getFieldBuilder(detail);
    Slots slots = Slots.ofDetail(detail.getNumber());
    values.forEach((field, value) -> set(event, message, slots, field, value));
  }

  private static void set(
      Event.Builder event, Message.Builder message, Slots slots, Field field, Object value) {
    switch (field) {
      case EXEC_STDIN -> addFd(event, 0, value);
      case EXEC_STDOUT -> addFd(event, 1, value);
      case EXEC_STDERR -> addFd(event, 2, value);
      default -> {
        if (slots.numberOf(field) != Slots.NONE) {
          put(message, slots, field, value);
        } else if (message instanceof Dup.Builder dup
            && Slots.DUP_FD.numberOf(field) != Slots.NONE) {
          put(dup.getFdBuilder(), Slots.DUP_FD, field, value);
        } else if (message instanceof Dup.Builder dup
            && Slots.CONNECTION.numberOf(field) != Slots.NONE) {
          put(dup.getFdBuilder().getSocketBuilder(), Slots.CONNECTION, field, value);
        } else {
          throw misplaced(event, field);
        }
      }
    }
  }

  private static void put(Message.Builder message, Slots slots, Field field, Object value) {
    FieldDescriptor part = message.getDescriptorForType().findFieldByNumber(slots.numberOf(field));
    message.setField(part, converted(part, field, value));
  }

  private static Object converted(FieldDescriptor part, Field field, Object value) {
    return switch (part.getJavaType()) {
      case INT -> ((Long) value).intValue();
      case BOOLEAN -> (Long) value != 0;
      case ENUM -> {
        String name = ((String) value).toUpperCase(Locale.ROOT);
        EnumValueDescriptor found = part.getEnumType().findValueByName(name);
        if (found == null) {
          throw new IllegalArgumentException(
              "invalid value of field=" + field.dotted() + " value=" + value);
        }
        yield found;
      }
      default -> value;
    };
  }

  private static void addFd(Event.Builder event, int number, Object type) {
    Fd.Type standard = Fd.Type.valueOf(((String) type).toUpperCase(Locale.ROOT));
    event.getExecBuilder().addFdsBuilder().setNumber(number).setType(standard);
  }

  private static IllegalArgumentException misplaced(Event.Builder event, Field field) {
    return new IllegalArgumentException(
        "an event of kind " + Kinds.name(event.getKindValue()) + " has no field=" + field.dotted());
  }
}
