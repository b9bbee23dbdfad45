package dev.interdict.storage;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Parquet's record consumer with one call per value; absent values are simply not written. */
record ColumnOut(RecordConsumer out) {
  void number(String name, int index, long value) {
    out.startField(name, index);
    out.addLong(value);
    out.endField(name, index);
  }

  void flag(String name, int index, boolean value) {
    out.startField(name, index);
    out.addBoolean(value);
    out.endField(name, index);
  }

  void bytes(String name, int index, Binary value) {
    out.startField(name, index);
    out.addBinary(value);
    out.endField(name, index);
  }

  void text(String name, int index, byte[] array, int start, int length) {
    bytes(name, index, text(array, start, length));
  }

  void text(String name, int index, String value) {
    if (!value.isEmpty()) {
      bytes(name, index, Binary.fromString(value));
    }
  }

  void texts(String name, int index, List<String> values) {
    if (!values.isEmpty()) {
      startList(name, index);
      for (String value : values) {
        startElement();
        out.addBinary(Binary.fromString(value));
        endElement();
      }
      endList(name, index);
    }
  }

  void startList(String name, int index) {
    out.startField(name, index);
    out.startGroup();
    out.startField("list", 0);
  }

  void startElement() {
    out.startGroup();
    out.startField("element", 0);
  }

  void endElement() {
    out.endField("element", 0);
    out.endGroup();
  }

  void endList(String name, int index) {
    out.endField("list", 0);
    out.endGroup();
    out.endField(name, index);
  }

  /**
   * The slice itself where it is UTF-8, which Parquet copies only if it keeps it. One text that is
   * not would make its whole file unreadable, so its bad bytes become U+FFFD.
   */
  static Binary text(byte[] array, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (array[i] < 0) {
        return Binary.fromString(new String(array, start, length, StandardCharsets.UTF_8));
      }
    }
    return Binary.fromReusedByteArray(array, start, length);
  }
}
