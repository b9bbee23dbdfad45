package dev.interdict.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer for a person: aligned columns that fit the terminal, or, where there are too many of
 * them, one line for each value that is there. Columns are measured on the first rows.
 */
final class TableText implements RowSink {
  private static final int MEASURED = 500;
  private static final int NARROWEST = 6;
  private static final int GAP = 2;
  private static final String ABSENT = "NULL";

  private final Appendable out;
  private final int width;
  private final List<String[]> waiting = new ArrayList<>();
  private List<Column> columns;
  private int[] widths;
  private boolean vertical;
  private long rows;

  TableText(Appendable out, int width) {
    this.out = out;
    this.width = width;
  }

  @Override
  public void begin(List<Column> columns) {
    this.columns = columns;
  }

  @Override
  public void row(Object[] values) throws IOException {
    String[] cells = new String[values.length];
    for (int i = 0; i < values.length; i++) {
      cells[i] = values[i] == null ? null : printable(ResultFormat.text(values[i]));
    }
    if (widths != null) {
      print(cells);
      return;
    }
    waiting.add(cells);
    if (waiting.size() == MEASURED) {
      layOut();
    }
  }

  @Override
  public void end() throws IOException {
    if (widths == null) {
      layOut();
    }
    out.append("(" + rows + (rows == 1 ? " row)\n" : " rows)\n"));
  }

  private void layOut() throws IOException {
    int[] wanted = new int[columns.size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = TextWidth.of(columns.get(i).name());
      for (String[] cells : waiting) {
        wanted[i] = Math.max(wanted[i], TextWidth.of(shown(cells[i])));
      }
    }
    widths = wanted;
    vertical = width > 0 && !fit();
    if (!vertical) {
      head();
    }
    for (String[] cells : waiting) {
      print(cells);
    }
    waiting.clear();
  }

  /** Takes from the widest column until all fit; false where they would become unreadable. */
  private boolean fit() {
    int total = GAP * (widths.length - 1);
    for (int wanted : widths) {
      total += wanted;
    }
    while (total > width) {
      int widest = 0;
      for (int i = 1; i < widths.length; i++) {
        if (widths[i] > widths[widest]) {
          widest = i;
        }
      }
      if (widths[widest] <= NARROWEST) {
        return false;
      }
      widths[widest]--;
      total--;
    }
    return true;
  }

  private void head() throws IOException {
    StringBuilder names = new StringBuilder();
    StringBuilder rule = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      cell(names, i, columns.get(i).name());
      if (i > 0) {
        rule.append(" ".repeat(GAP));
      }
      rule.append("─".repeat(widths[i]));
    }
    out.append(names.toString().stripTrailing()).append('\n').append(rule).append('\n');
  }

  private void print(String[] cells) throws IOException {
    rows++;
    if (vertical) {
      record(cells);
      return;
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      cell(line, i, shown(cells[i]));
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }

  private void cell(StringBuilder line, int column, String text) {
    if (column > 0) {
      line.append(" ".repeat(GAP));
    }
    String fitted = width > 0 ? TextWidth.cut(text, widths[column]) : text;
    String pad = " ".repeat(Math.max(0, widths[column] - TextWidth.of(fitted)));
    if (columns.get(column).numeric()) {
      line.append(pad).append(fitted);
    } else {
      line.append(fitted).append(pad);
    }
  }

  private void record(String[] cells) throws IOException {
    int longest = columns.stream().mapToInt(c -> TextWidth.of(c.name())).max().orElse(0);
    out.append("── row " + rows + " ──\n");
    for (int i = 0; i < cells.length; i++) {
      if (cells[i] != null) {
        String name = columns.get(i).name();
        String pad = " ".repeat(longest - TextWidth.of(name) + GAP);
        out.append(name).append(pad).append(cells[i]).append('\n');
      }
    }
  }

  private static String shown(String cell) {
    return cell == null ? ABSENT : cell;
  }

  /** What an attacker put into an argument must not steer the terminal of the one who reads it. */
  private static String printable(String text) {
    StringBuilder printable = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean hidden = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
      if (hidden && printable == null) {
        printable = new StringBuilder(text.substring(0, i));
      }
      if (hidden) {
        printable.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : String.format("\\u%04x", (int) c));
      } else if (printable != null) {
        printable.append(c);
      }
    }
    return printable == null ? text : printable.toString();
  }
}
