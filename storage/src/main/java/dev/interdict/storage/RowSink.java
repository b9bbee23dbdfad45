package dev.interdict.storage;

import java.io.IOException;
import java.util.List;

/**
 * Takes an answer row by row. A value is null, Boolean, Number, String, List or a Map with Strings
 * as keys; the array of values is reused.
 */
public interface RowSink {
  void begin(List<Column> columns) throws IOException;

  void row(Object[] values) throws IOException;

  void end() throws IOException;
}
