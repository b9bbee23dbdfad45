package dev.interdict.storage;

import static org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit.NANOS;
import static org.apache.parquet.schema.LogicalTypeAnnotation.intType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.List;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** The columns of the alerts table. The evidence stands in the events table, at its positions. */
final class AlertColumns {
  static final String TABLE = "alerts";
  static final int VERSION = 1;
  static final MessageType SCHEMA =
      new MessageType(
          TABLE,
          required("id"),
          time("time"),
          time("detected_time"),
          text("rule_id"),
          text("rule_title"),
          text("rule_author"),
          text("level"),
          EventColumns.list("techniques", text("element")),
          text("key"),
          text("message"),
          text("response"),
          text("level_reason"),
          text("suppressed_by"),
          text("suppressed_reason"),
          text("entity_node"),
          id("entity_process_id"),
          number("entity_pid"),
          number("entity_start_time"),
          text("entity_exe"),
          id("entity_cgroup_id"),
          text("entity_cgroup"),
          text("container_id"),
          text("container_name"),
          text("container_image"),
          text("container_pod"),
          text("container_namespace"),
          text("container_runtime"),
          EventColumns.list("evidence", evidence()),
          number("count"),
          time("last_time"),
          text("incident_id"),
          text("incident_key"),
          number("incident_score"),
          number("incident_findings"),
          time("incident_first_time"),
          time("incident_last_time"),
          text("incident_summary"));
  static final List<String> BLOOMED = List.of("id");

  private AlertColumns() {}

  private static GroupType evidence() {
    return Types.optionalGroup()
        .addField(text("step"))
        .addField(text("node"))
        .addField(number("epoch"))
        .addField(number("sequence"))
        .addField(time("time"))
        .addField(text("kind"))
        .named("element");
  }

  private static Type required(String name) {
    return Types.required(BINARY).as(stringType()).named(name);
  }

  private static Type text(String name) {
    return Types.optional(BINARY).as(stringType()).named(name);
  }

  private static Type time(String name) {
    return Types.optional(INT64).as(timestampType(false, NANOS)).named(name);
  }

  private static Type number(String name) {
    return Types.optional(INT64).named(name);
  }

  private static Type id(String name) {
    return Types.optional(INT64).as(intType(64, false)).named(name);
  }
}
