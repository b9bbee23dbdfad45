package dev.interdict.storage;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Evidence;
import dev.interdict.schema.Incident;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one Parquet file of the alerts table; the rules are those of {@link EventParquetWriter}.
 */
public final class AlertParquetWriter {
  private final OutputStream out;
  private final ParquetWriter<Alert> parquet;

  private AlertParquetWriter(OutputStream out, ParquetWriter<Alert> parquet) {
    this.out = out;
    this.parquet = parquet;
  }

  public static AlertParquetWriter open(OutputStream out) throws IOException {
    return new AlertParquetWriter(out, ArchiveTable.ALERTS.open(out, new Rows()));
  }

  public void append(Alert alert) throws IOException {
    parquet.write(alert);
  }

  public void flush() throws IOException {
    out.flush();
  }

  public void finish() throws IOException {
    parquet.close();
  }

  private static final class Rows extends ArchiveTable.Rows<Alert> {
    private static final MessageType SCHEMA = AlertColumns.SCHEMA;
    private static final int EVIDENCE = SCHEMA.getFieldIndex("evidence");

    private RecordConsumer consumer;
    private ColumnOut out;

    Rows() {
      super(ArchiveTable.ALERTS);
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
      out = new ColumnOut(recordConsumer);
    }

    @Override
    public void write(Alert alert) {
      consumer.startMessage();
      out.bytes("id", 0, Binary.fromString(alert.getId()));
      number("time", alert.getTime());
      number("detected_time", alert.getDetectedTime());
      text("rule_id", alert.getRuleId());
      text("rule_title", alert.getRuleTitle());
      text("rule_author", alert.getRuleAuthor());
      text("level", alert.getLevel().name().toLowerCase(Locale.ROOT));
      out.texts("techniques", SCHEMA.getFieldIndex("techniques"), alert.getTechniquesList());
      text("key", alert.getKey());
      text("message", alert.getMessage());
      text("response", alert.getResponse());
      text("level_reason", alert.getLevelReason());
      text("suppressed_by", alert.getSuppressedBy());
      text("suppressed_reason", alert.getSuppressedReason());
      if (alert.hasEntity()) {
        entity(alert.getEntity());
      }
      if (alert.getEvidenceCount() > 0) {
        out.startList("evidence", EVIDENCE);
        for (Evidence evidence : alert.getEvidenceList()) {
          out.startElement();
          consumer.startGroup();
          evidence(evidence);
          consumer.endGroup();
          out.endElement();
        }
        out.endList("evidence", EVIDENCE);
      }
      number("count", Math.max(1, alert.getCount()));
      number("last_time", alert.getLastTime() == 0 ? alert.getTime() : alert.getLastTime());
      if (alert.hasIncident()) {
        incident(alert.getIncident());
      }
      consumer.endMessage();
    }

    private void incident(Incident incident) {
      text("incident_id", incident.getId());
      text("incident_key", incident.getKey());
      number("incident_score", Integer.toUnsignedLong(incident.getScore()));
      number("incident_findings", incident.getFindings());
      number("incident_first_time", incident.getFirstTime());
      number("incident_last_time", incident.getLastTime());
      text("incident_summary", incident.getSummary());
    }

    private void entity(Entity entity) {
      text("entity_node", entity.getNode());
      number("entity_process_id", entity.getProcessId());
      number("entity_pid", Integer.toUnsignedLong(entity.getPid()));
      number("entity_start_time", entity.getStartTime());
      text("entity_exe", entity.getExe());
      number("entity_cgroup_id", entity.getCgroupId());
      text("entity_cgroup", entity.getCgroup());
      if (entity.hasContainer()) {
        Container container = entity.getContainer();
        text("container_id", container.getId());
        text("container_name", container.getName());
        text("container_image", container.getImage());
        text("container_pod", container.getPod());
        text("container_namespace", container.getNamespace());
        text("container_runtime", container.getRuntime());
      }
    }

    private void evidence(Evidence evidence) {
      out.text("step", 0, evidence.getStep());
      out.text("node", 1, evidence.getPosition().getNode());
      out.number("epoch", 2, evidence.getPosition().getEpoch());
      out.number("sequence", 3, evidence.getPosition().getSequence());
      if (evidence.hasEvent()) {
        out.number("time", 4, evidence.getEvent().getTime());
        out.text("kind", 5, Kinds.name(evidence.getEvent().getKindValue()));
      }
    }

    private void text(String name, String value) {
      out.text(name, SCHEMA.getFieldIndex(name), value);
    }

    private void number(String name, long value) {
      out.number(name, SCHEMA.getFieldIndex(name), value);
    }
  }
}
