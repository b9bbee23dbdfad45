package dev.interdict.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps an answer for looking at. */
public final class Answer implements RowSink {
  public final List<Map<String, Object>> rows = new ArrayList<>();
  List<Column> columns;
  boolean ended;

  public static Answer to(Path data, String sql) throws QueryException, IOException {
    try (Query query = Query.open(data, QueryLimits.defaults())) {
      Answer answer = new Answer();
      query.run(sql, answer);
      return answer;
    }
  }

  Object only() {
    if (rows.size() != 1 || columns.size() != 1) {
      throw new AssertionError("not one value: " + rows);
    }
    return rows.get(0).values().iterator().next();
  }

  @Override
  public void begin(List<Column> columns) {
    this.columns = columns;
  }

  @Override
  public void row(Object[] values) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      row.put(columns.get(i).name(), values[i]);
    }
    rows.add(row);
  }

  @Override
  public void end() {
    ended = true;
  }
}
