package dev.interdict.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The result of a benchmark: our figures, the peers' figures, and the ratios between them. */
final class Table {
  /**
   * @param peer null for our own figure
   * @param ratio ours divided by the peer's; NaN for our own rows
   */
  record Row(String subcase, String metric, double value, String unit, String peer, double ratio) {}

  private final String name;
  private final List<Row> rows = new ArrayList<>();
  private final Set<List<String>> keys = new HashSet<>();
  private final List<String> notes = new ArrayList<>();

  Table(String name) {
    this.name = name;
  }

  void ours(String subcase, String metric, double value, String unit) {
    add(new Row(subcase, metric, value, unit, null, Double.NaN));
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
    add(new Row(subcase, metric, value, unit, peer, ours / value));
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
    int caseWidth = rows.stream().mapToInt(row -> row.subcase.length()).max().orElse(4);
    int metricWidth = rows.stream().mapToInt(row -> row.metric.length()).max().orElse(6);
    String format = "%-" + Math.max(4, caseWidth) + "s  %-" + Math.max(6, metricWidth) + "s  ";
    out.printf(
        format + "%14s  %-8s  %-20s  %s%n", "case", "metric", "value", "unit", "peer", "ratio");
    for (Row row : rows) {
      out.printf(format, row.subcase, row.metric);
      out.printf(
          Locale.ROOT,
          "%14s  %-8s  %-20s  %s%n",
          figure(row.value),
          row.unit,
          row.peer == null ? "" : row.peer,
          Double.isNaN(row.ratio) ? "" : figure(row.ratio));
    }
    notes.forEach(note -> out.println("# " + note));
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
    }
    return object.toString();
  }
}
