package dev.interdict.storage;

import dev.interdict.schema.Connection;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Fd;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kinds;
import java.util.Arrays;
import java.util.Locale;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Lays an event into the columns of {@link EventColumns}, copying no text but into their pages. */
final class EventRowWriter extends ArchiveTable.Rows<EventRow> {
  private static final Field[] FIELDS = Field.values();
  private static final String[] NAMES =
      Arrays.stream(FIELDS).map(EventColumns::name).toArray(String[]::new);

  private RecordConsumer consumer;
  private ColumnOut out;

  EventRowWriter() {
    super(ArchiveTable.EVENTS);
  }

  @Override
  public void prepareForWrite(RecordConsumer recordConsumer) {
    consumer = recordConsumer;
    out = new ColumnOut(recordConsumer);
  }

  @Override
  public void write(EventRow row) {
    consumer.startMessage();
    out.bytes("node", EventColumns.NODE, row.node);
    out.number("epoch", EventColumns.EPOCH, row.epoch);
    out.number("sequence", EventColumns.SEQUENCE, row.sequence);
    if (row.malformed) {
      header(row);
    } else {
      for (Field field : FIELDS) {
        if (row.present[field.ordinal()]) {
          field(row.event, field);
        }
      }
      rest(row);
    }
    if (row.keepsRaw()) {
      Binary raw = Binary.fromReusedByteArray(row.array, row.offset, row.length);
      out.bytes("raw", EventColumns.RAW, raw);
    }
    consumer.endMessage();
  }

  private void header(EventRow row) {
    long time = EventView.timeOf(row.array, row.offset);
    String kind = Kinds.name(EventView.kindOf(row.array, row.offset));
    out.number(NAMES[Field.TIME.ordinal()], EventColumns.index(Field.TIME), time);
    out.text(NAMES[Field.KIND.ordinal()], EventColumns.index(Field.KIND), kind);
  }

  private void field(EventView event, Field field) {
    String name = NAMES[field.ordinal()];
    int index = EventColumns.index(field);
    switch (field.type()) {
      case LONG -> out.number(name, index, event.number(field));
      case BOOL -> out.flag(name, index, event.flag(field));
      case STRING ->
          out.text(name, index, event.array(field), event.start(field), event.length(field));
      case LONGS -> {
        out.startList(name, index);
        for (int i = 0; i < event.count(field); i++) {
          out.startElement();
          consumer.addLong(event.number(field, i));
          out.endElement();
        }
        out.endList(name, index);
      }
      case STRINGS -> {
        out.startList(name, index);
        for (int i = 0; i < event.count(field); i++) {
          out.startElement();
          consumer.addBinary(
              ColumnOut.text(event.array(), event.start(field, i), event.length(field, i)));
          out.endElement();
        }
        out.endList(name, index);
      }
    }
  }

  private void rest(EventRow row) {
    EventRest rest = row.rest;
    if (row.present[Field.PROCESS_PID.ordinal()]) {
      out.flag("process_args_truncated", EventColumns.ARGS_TRUNCATED, rest.argsTruncated);
    }
    numbers("ancestors_pid", EventColumns.ANCESTOR_PIDS, rest.ancestorPids, rest.ancestors);
    numbers("ancestors_uid", EventColumns.ANCESTOR_UIDS, rest.ancestorUids, rest.ancestors);
    numbers(
        "ancestors_start_time",
        EventColumns.ANCESTOR_START_TIMES,
        rest.ancestorStartTimes,
        rest.ancestors);
    if (rest.fds > 0) {
      out.startList("exec_fds", EventColumns.EXEC_FDS);
      for (int i = 0; i < rest.fds; i++) {
        out.startElement();
        consumer.startGroup();
        descriptor(row.array, rest.descriptors[i]);
        consumer.endGroup();
        out.endElement();
      }
      out.endList("exec_fds", EventColumns.EXEC_FDS);
    }
    if (rest.device != 0) {
      out.number("file_device", EventColumns.FILE_DEVICE, rest.device);
    }
  }

  private void numbers(String name, int index, long[] values, int count) {
    if (count > 0) {
      out.startList(name, index);
      for (int i = 0; i < count; i++) {
        out.startElement();
        consumer.addLong(values[i]);
        out.endElement();
      }
      out.endList(name, index);
    }
  }

  /** In the order of {@link EventColumns#FD_COLUMNS}. */
  private void descriptor(byte[] array, EventRest.Descriptor fd) {
    out.number("number", 0, fd.number);
    out.text("type", 1, name(Fd.Type.forNumber(fd.type)));
    slice("path", 2, array, fd.path);
    if (fd.socket) {
      out.text("family", 3, name(Connection.Family.forNumber(fd.family)));
      slice("protocol", 4, array, fd.protocol);
      slice("local_address", 5, array, fd.localAddress);
      out.number("local_port", 6, fd.localPort);
      slice("remote_address", 7, array, fd.remoteAddress);
      out.number("remote_port", 8, fd.remotePort);
    }
  }

  private void slice(String name, int index, byte[] array, EventRest.Slice slice) {
    if (slice.length >= 0) {
      out.text(name, index, array, slice.start, slice.length);
    }
  }

  /** A number that this version does not know has no name; the row then keeps the raw event. */
  private static String name(Enum<?> value) {
    return value == null ? "" : value.name().toLowerCase(Locale.ROOT);
  }
}
