package dev.interdict.storage;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** How an answer is written. */
public enum ResultFormat {
  TABLE,
  CSV,
  /** One array of objects. */
  JSON,
  /** One object on each line. */
  JSONL;

  /**
   * Lines end in a line feed. A table is fitted into that many columns of a terminal; 0: no end.
   */
  public RowSink open(Appendable out, int width) {
    return switch (this) {
      case TABLE -> new TableText(out, width);
      case CSV -> new Csv(out);
      case JSON -> new Json(out, "[", ",\n ", "]\n");
      case JSONL -> new Json(out, "", "\n", "\n");
    };
  }

  private static final class Json implements RowSink {
    private final Appendable out;
    private final String head;
    private final String between;
    private final String foot;
    private List<Column> columns;
    private boolean any;

    Json(Appendable out, String head, String between, String foot) {
      this.out = out;
      this.head = head;
      this.between = between;
      this.foot = foot;
    }

    @Override
    public void begin(List<Column> columns) throws IOException {
      this.columns = columns;
      out.append(head);
    }

    @Override
    public void row(Object[] values) throws IOException {
      if (any) {
        out.append(between);
      }
      any = true;
      for (int i = 0; i < values.length; i++) {
        out.append(i == 0 ? '{' : ',');
        JsonText.string(out, columns.get(i).name());
        out.append(':');
        JsonText.write(out, values[i]);
      }
      out.append('}');
    }

    @Override
    public void end() throws IOException {
      if (any || !head.isEmpty()) {
        out.append(foot);
      }
    }
  }

  /** RFC 4180, but for the line feed; an absent value is empty, an empty text is quoted. */
  private static final class Csv implements RowSink {
    private final Appendable out;

    Csv(Appendable out) {
      this.out = out;
    }

    @Override
    public void begin(List<Column> columns) throws IOException {
      for (int i = 0; i < columns.size(); i++) {
        cell(i, columns.get(i).name());
      }
      out.append('\n');
    }

    @Override
    public void row(Object[] values) throws IOException {
      for (int i = 0; i < values.length; i++) {
        cell(i, text(values[i]));
      }
      out.append('\n');
    }

    private void cell(int index, String text) throws IOException {
      if (index > 0) {
        out.append(',');
      }
      if (text == null) {
        return;
      }
      if (text.isEmpty() || text.chars().anyMatch(c -> c == '"' || c == ',' || c < ' ')) {
        out.append('"').append(text.replace("\"", "\"\"")).append('"');
      } else {
        out.append(text);
      }
    }

    @Override
    public void end() {}
  }

  /** Null stays null; what is nested becomes JSON. */
  static String text(Object value) throws IOException {
    if (value instanceof List || value instanceof Map) {
      StringBuilder json = new StringBuilder();
      JsonText.write(json, value);
      return json.toString();
    }
    return value == null ? null : value.toString();
  }
}
