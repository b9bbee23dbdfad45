package dev.interdict.storage;

import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.MalformedEventException;
import java.io.IOException;
import java.util.UUID;
import org.apache.parquet.io.api.Binary;

/** One event on its way into the columns, reused. */
final class EventRow {
  private static final Field[] FIELDS = Field.values();

  Binary node;
  long epoch;
  long sequence;
  byte[] array;
  int offset;
  int length;

  /** Could not be read beyond time and kind: its bytes are kept as they are. */
  boolean malformed;

  final EventView event = new EventView();
  final EventRest rest = new EventRest();
  final boolean[] present = new boolean[FIELDS.length];

  private long nodeHi;
  private long nodeLo;

  /** Reads all of the event first, so that no half row is written if it turns out malformed. */
  void wrap(long hi, long lo, long epoch, long sequence, byte[] array, int offset, int length) {
    if (node == null || hi != nodeHi || lo != nodeLo) {
      node = Binary.fromString(new UUID(hi, lo).toString());
      nodeHi = hi;
      nodeLo = lo;
    }
    this.epoch = epoch;
    this.sequence = sequence;
    this.array = array;
    this.offset = offset;
    this.length = length;
    malformed = false;
    try {
      event.wrap(array, offset, length);
      for (Field field : FIELDS) {
        present[field.ordinal()] = event.has(field);
      }
      rest.read(array, offset, length);
    } catch (MalformedEventException | IOException e) {
      malformed = true;
    }
  }

  boolean keepsRaw() {
    return malformed || rest.unknown;
  }
}
