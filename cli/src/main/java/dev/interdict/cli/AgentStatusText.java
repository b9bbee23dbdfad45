package dev.interdict.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The agent's status for people: what is so first, then tables of what there is to say. */
final class AgentStatusText {
  private static final String LINE = "%-12s %s%n";
  private static final String COUNTS = "%-15s %14s %14s %14s %14s %14s %14s%n";
  private static final String HOOKS = "%-15s %-28s %s%n";
  private static final String CONTAINMENTS = "%-24s %-40s %-5s %-6s %s%n";
  private static final double MIB = 1 << 20;

  private final JsonNode status;
  private final PrintWriter out;

  private AgentStatusText(JsonNode status, PrintWriter out) {
    this.status = status;
    this.out = out;
  }

  static void print(JsonNode status, PrintWriter out) {
    AgentStatusText text = new AgentStatusText(status, out);
    text.summary();
    text.kinds();
    text.hooks();
    text.containments();
  }

  private void summary() {
    line(
        "node",
        "%s (%s), epoch %d, last sequence %d",
        status.path("name").asText(),
        status.path("node").asText(),
        number("epoch"),
        number("last_sequence"));
    line(
        "capturing",
        "%s, started %s, %d processes known",
        status.path("capturing").asBoolean() ? "yes" : "NO: the sensor has stopped",
        status.path("started").asText(),
        number("processes"));
    line("backplanes", "%d connected", number("connections"));
    line(
        "recorded",
        "%d events, %.1f MiB; %d not written, %d not understood",
        number("events"),
        number("event_bytes") / MIB,
        number("unwritten"),
        number("undecodable"));
    line(
        "containment",
        "%s",
        status.path("can_contain").asBoolean()
            ? "possible"
            : "NOT possible: " + status.path("obstacle").asText());
    List<String> missing = new ArrayList<>();
    status.path("missing_capabilities").forEach(each -> missing.add(each.asText()));
    if (!missing.isEmpty()) {
      line("missing", "%s", String.join(", ", missing));
    }
  }

  private void kinds() {
    out.println();
    out.printf(
        Locale.ROOT,
        COUNTS,
        "KIND",
        "SEEN",
        "FILTERED",
        "DEDUPLICATED",
        "CAPPED",
        "RECORDED",
        "LOST");
    for (JsonNode kind : status.path("kinds")) {
      if (kind.path("seen").asLong() > 0) {
        out.printf(
            Locale.ROOT,
            COUNTS,
            kind.path("kind").asText(),
            kind.path("seen").asText(),
            kind.path("filtered").asText(),
            kind.path("deduplicated").asText(),
            kind.path("capped").asText(),
            kind.path("recorded").asText(),
            kind.path("lost").asText());
      }
    }
  }

  private void hooks() {
    Set<String> seen = new HashSet<>();
    for (JsonNode hook : status.path("hooks")) {
      if (hook.path("attached").asBoolean()) {
        seen.add(hook.path("kind").asText());
      }
    }
    boolean headed = false;
    for (JsonNode hook : status.path("hooks")) {
      if (!seen.contains(hook.path("kind").asText())) {
        if (!headed) {
          out.println();
          out.printf(Locale.ROOT, HOOKS, "NOT SEEN", "HOOK", "REASON");
          headed = true;
        }
        out.printf(
            Locale.ROOT,
            HOOKS,
            hook.path("kind").asText(),
            hook.path("hook").asText(),
            hook.path("reason").asText());
      }
    }
  }

  private void containments() {
    if (status.path("containments").isEmpty()) {
      return;
    }
    out.println();
    out.printf(Locale.ROOT, CONTAINMENTS, "CONTAINMENT", "CGROUP", "CUT", "FROZEN", "UNTIL");
    for (JsonNode each : status.path("containments")) {
      out.printf(
          Locale.ROOT,
          CONTAINMENTS,
          each.path("id").asText(),
          each.path("cgroup").asText(),
          each.path("cut").asBoolean() ? "yes" : "no",
          each.path("frozen").asBoolean() ? "yes" : "no",
          each.path("until").asText());
    }
  }

  private void line(String name, String format, Object... values) {
    out.printf(Locale.ROOT, LINE, name, String.format(Locale.ROOT, format, values));
  }

  private long number(String field) {
    return status.path(field).asLong();
  }
}
