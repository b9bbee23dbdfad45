package dev.interdict.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.benchmarks.Ratios.Interval;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The result of a benchmark: our figures, the peers' figures, and the ratios between them. */
final class Table {
  private static final List<String> HEADINGS =
      List.of("case", "metric", "value", "interval", "unit", "peer", "ratio");

  /**
   * @param interval of the value; null where it is no estimate
   * @param peer null for our own figure
   * @param ratio ours divided by the peer's; NaN where the two were not measured side by side
   */
  record Row(
      String subcase,
      String metric,
      double value,
      Interval interval,
      String unit,
      String peer,
      double ratio) {
    private List<String> cells() {
      return List.of(
          subcase,
          metric,
          figure(value),
          interval == null ? "" : figure(interval.low()) + "–" + figure(interval.high()),
          unit,
          peer == null ? "" : peer,
          Double.isNaN(ratio) ? "" : figure(ratio));
    }
  }

  private final String name;
  private final List<Row> rows = new ArrayList<>();
  private final Set<List<String>> keys = new HashSet<>();
  private final List<String> notes = new ArrayList<>();

  Table(String name) {
    this.name = name;
  }

  void ours(String subcase, String metric, double value, String unit) {
    add(new Row(subcase, metric, value, null, unit, null, Double.NaN));
  }

  void ours(String subcase, String metric, double value, Interval interval, String unit) {
    add(new Row(subcase, metric, value, interval, unit, null, Double.NaN));
  }

  /** A peer's figure beside ours of the same case and metric, which must have been added before. */
  void peer(String subcase, String metric, double value, String unit, String peer) {
    double ours =
        rows.stream()
            .filter(
                row -> row.peer == null && row.subcase.equals(subcase) && row.metric.equals(metric))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no figure of ours for case=" + subcase + " metric=" + metric))
            .value;
    add(new Row(subcase, metric, value, null, unit, peer, ours / value));
  }

  /** A peer's figure that was measured elsewhere; {@code peer} must say so. No ratio is formed. */
  void published(String subcase, String metric, double value, String unit, String peer) {
    add(new Row(subcase, metric, value, null, unit, peer, Double.NaN));
  }

  /** A sentence that a reader needs in order to judge the figures: machine, settings, noise. */
  void note(String sentence) {
    notes.add(sentence);
  }

  private void add(Row row) {
    List<String> key = List.of(row.subcase, row.metric, row.peer == null ? "" : row.peer);
    if (!keys.add(key)) {
      throw new IllegalStateException("measured twice: " + key);
    }
    rows.add(row);
  }

  void print(PrintWriter out) {
    int[] widths = HEADINGS.stream().mapToInt(String::length).toArray();
    for (Row row : rows) {
      List<String> cells = row.cells();
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], cells.get(i).length());
      }
    }
    line(out, HEADINGS, widths);
    rows.forEach(row -> line(out, row.cells(), widths));
    notes.forEach(note -> out.println("# " + note));
    out.flush();
  }

  private static void line(PrintWriter out, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      boolean number = i == 2 || i == 6;
      line.append(String.format("%" + (number ? "" : "-") + widths[i] + "s  ", cells.get(i)));
    }
    out.println(line.toString().stripTrailing());
  }

  /** For a document: the notes as a list above the table. */
  void printMarkdown(PrintWriter out) {
    notes.forEach(note -> out.println("- " + note));
    out.println();
    out.println("| " + String.join(" | ", HEADINGS) + " |");
    out.println("|---|---|---:|---|---|---|---:|");
    rows.forEach(row -> out.println("| " + String.join(" | ", row.cells()) + " |"));
    out.flush();
  }

  private static String figure(double value) {
    double magnitude = Math.abs(value);
    String format = magnitude >= 1000 ? "%,.0f" : magnitude >= 10 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }

  String toJson() {
    ObjectNode object = new ObjectMapper().createObjectNode().put("name", name);
    var array = object.putArray("rows");
    for (Row row : rows) {
      ObjectNode item =
          array
              .addObject()
              .put("case", row.subcase)
              .put("metric", row.metric)
              .put("value", row.value)
              .put("unit", row.unit)
              .put("peer", row.peer);
      if (Double.isNaN(row.ratio)) {
        item.putNull("ratio");
      } else {
        item.put("ratio", row.ratio);
      }
      if (row.interval != null) {
        item.put("low", row.interval.low()).put("high", row.interval.high());
      }
    }
    var said = object.putArray("notes");
    notes.forEach(said::add);
    return object.toString();
  }
}
