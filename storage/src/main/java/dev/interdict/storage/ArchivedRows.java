package dev.interdict.storage;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** Writes the rows of an answer, in the order of {@link #columns}, as rows of a table. */
final class ArchivedRows extends ArchiveTable.Rows<ResultSet> {
  private final MessageType schema;
  private RecordConsumer out;

  ArchivedRows(ArchiveTable table) {
    super(table);
    schema = table.schema();
  }

  /** What to select: times as nanoseconds, for the engine's own type of them is cut in Java. */
  static String columns(MessageType schema) {
    return schema.getFields().stream()
        .map(column -> expression(column, '"' + column.getName() + '"'))
        .collect(Collectors.joining(", "));
  }

  private static String expression(Type type, String name) {
    if (type.isPrimitive()) {
      return type.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation
          ? "epoch_ns(" + name + ")"
          : name;
    }
    Type element = element(type);
    if (element.isPrimitive()) {
      return name;
    }
    return element.asGroupType().getFields().stream()
        .map(
            field ->
                Tables.literal(field.getName())
                    + ": "
                    + expression(field, "x.\"" + field.getName() + '"'))
        .collect(Collectors.joining(", ", "list_transform(" + name + ", lambda x: {", "})"));
  }

  private static Type element(Type list) {
    return list.asGroupType().getType(0).asGroupType().getType(0);
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    out = recordConsumer;
  }

  @Override
  public void write(ResultSet row) {
    out.startMessage();
    List<Type> columns = schema.getFields();
    try {
      for (int i = 0; i < columns.size(); i++) {
        Type column = columns.get(i);
        Object value =
            column.isPrimitive() && isBlob(column) ? row.getBytes(i + 1) : row.getObject(i + 1);
        if (value != null) {
          out.startField(column.getName(), i);
          value(column, value);
          out.endField(column.getName(), i);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read a row that is to be compacted", e);
    }
    out.endMessage();
  }

  private static boolean isBlob(Type column) {
    return column.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
        && column.getLogicalTypeAnnotation() == null;
  }

  private void value(Type type, Object value) throws SQLException {
    if (value instanceof String text) {
      out.addBinary(Binary.fromString(text));
    } else if (value instanceof Number number) {
      out.addLong(number.longValue()); // an id beyond the signed ones keeps its bits
    } else if (value instanceof Boolean flag) {
      out.addBoolean(flag);
    } else if (value instanceof byte[] bytes) {
      out.addBinary(Binary.fromConstantByteArray(bytes));
    } else if (value instanceof Array array) {
      list(element(type), (Object[]) array.getArray());
    } else if (value instanceof Struct struct) {
      fields(type.asGroupType(), struct.getAttributes());
    } else {
      throw new IllegalArgumentException("no column for " + value.getClass() + " of " + type);
    }
  }

  private void list(Type element, Object[] values) throws SQLException {
    out.startGroup();
    if (values.length > 0) {
      out.startField("list", 0);
      for (Object value : values) {
        out.startGroup();
        if (value != null) {
          out.startField("element", 0);
          value(element, value);
          out.endField("element", 0);
        }
        out.endGroup();
      }
      out.endField("list", 0);
    }
    out.endGroup();
  }

  private void fields(GroupType group, Object[] values) throws SQLException {
    out.startGroup();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        out.startField(group.getFieldName(i), i);
        value(group.getType(i), values[i]);
        out.endField(group.getFieldName(i), i);
      }
    }
    out.endGroup();
  }
}
