package dev.interdict.storage;

import static org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit.NANOS;
import static org.apache.parquet.schema.LogicalTypeAnnotation.intType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import dev.interdict.schema.Field;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * The columns of the events table: where the event stands, every {@link Field} under its dotted
 * name with underscores, and what of the event no field names. docs/storage.md explains each.
 */
final class EventColumns {
  static final String TABLE = "events";

  /** Raised when a column changes its meaning or type; a new column does not raise it. */
  static final int VERSION = 1;

  static final int NODE = 0;
  static final int EPOCH = 1;
  static final int SEQUENCE = 2;
  static final int FIRST_FIELD = 3;
  static final int FIRST_REST = FIRST_FIELD + Field.values().length;
  static final int ARGS_TRUNCATED = FIRST_REST;
  static final int ANCESTOR_PIDS = FIRST_REST + 1;
  static final int ANCESTOR_UIDS = FIRST_REST + 2;
  static final int ANCESTOR_START_TIMES = FIRST_REST + 3;
  static final int EXEC_FDS = FIRST_REST + 4;
  static final int FILE_DEVICE = FIRST_REST + 5;
  static final int RAW = FIRST_REST + 6;

  /** Nanoseconds since 1970; {@code process.start_time} counts from boot and stays a number. */
  static final Set<Field> TIMES = EnumSet.of(Field.TIME, Field.GAP_FROM_TIME, Field.GAP_UNTIL_TIME);

  static final List<String> FD_COLUMNS =
      List.of(
          "number",
          "type",
          "path",
          "family",
          "protocol",
          "local_address",
          "local_port",
          "remote_address",
          "remote_port");

  static final MessageType SCHEMA = schema();

  /** What a needle search asks for. */
  static final List<String> BLOOMED =
      List.of(
          name(Field.PROCESS_ID),
          name(Field.PROCESS_EXE),
          name(Field.PROCESS_PATH),
          name(Field.PARENT_ID),
          name(Field.CONTAINER_ID),
          name(Field.FORK_CHILD_ID),
          name(Field.FILE_PATH),
          name(Field.CONNECTION_LOCAL_ADDRESS),
          name(Field.CONNECTION_REMOTE_ADDRESS));

  static final List<String> ASCENDING = List.of("sequence", name(Field.TIME));

  private EventColumns() {}

  static String name(Field field) {
    return field.dotted().replace('.', '_');
  }

  static int index(Field field) {
    return FIRST_FIELD + field.ordinal();
  }

  /** Ids are hashes of 64 bits and shown without a sign, as everywhere else. */
  static boolean isId(Field field) {
    return field.dotted().endsWith(".id") || field.dotted().endsWith("_id");
  }

  private static MessageType schema() {
    List<Type> columns = new ArrayList<>();
    columns.add(Types.required(BINARY).as(stringType()).named("node"));
    columns.add(Types.required(INT64).named("epoch"));
    columns.add(Types.required(INT64).named("sequence"));
    for (Field field : Field.values()) {
      columns.add(column(field));
    }
    columns.add(Types.optional(BOOLEAN).named("process_args_truncated"));
    columns.add(numbers("ancestors_pid"));
    columns.add(numbers("ancestors_uid"));
    columns.add(numbers("ancestors_start_time"));
    columns.add(fds());
    columns.add(Types.optional(INT64).named("file_device"));
    columns.add(Types.optional(BINARY).named("raw"));
    return new MessageType(TABLE, columns);
  }

  private static Type column(Field field) {
    String name = name(field);
    if (field == Field.TIME) {
      return Types.required(INT64).as(timestampType(false, NANOS)).named(name);
    }
    if (field == Field.KIND) {
      return Types.required(BINARY).as(stringType()).named(name);
    }
    if (TIMES.contains(field)) {
      return Types.optional(INT64).as(timestampType(false, NANOS)).named(name);
    }
    return switch (field.type()) {
      case BOOL -> Types.optional(BOOLEAN).named(name);
      case LONG -> isId(field) ? id(name) : Types.optional(INT64).named(name);
      case STRING -> text(name);
      case LONGS ->
          list(name, isId(field) ? id("element") : Types.optional(INT64).named("element"));
      case STRINGS -> list(name, text("element"));
    };
  }

  private static Type text(String name) {
    return Types.optional(BINARY).as(stringType()).named(name);
  }

  private static Type id(String name) {
    return Types.optional(INT64).as(intType(64, false)).named(name);
  }

  private static Type numbers(String name) {
    return list(name, Types.optional(INT64).named("element"));
  }

  static GroupType list(String name, Type element) {
    return Types.optionalList().element(element).named(name);
  }

  private static Type fds() {
    Types.GroupBuilder<GroupType> fd = Types.optionalGroup();
    for (String name : FD_COLUMNS) {
      boolean number = name.equals("number") || name.endsWith("_port");
      fd.addField(number ? Types.optional(INT64).named(name) : text(name));
    }
    return list("exec_fds", fd.named("element"));
  }
}
