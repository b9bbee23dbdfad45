package dev.interdict.cli.demo;

import dev.interdict.cli.PrintableText;
import dev.interdict.jobs.sequence.SequenceProgress;
import dev.interdict.schema.Alert;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * What a person sees of the demo. Any thread: events, progress of sequences and alerts arrive from
 * different ones, each line is written whole.
 */
final class Story {
  private static final int LINE = 150;

  private final PrintWriter out;
  private final boolean colour;
  private long origin;
  private String container = ""; // none before the first attack

  Story(PrintWriter out, boolean colour) {
    this.out = out;
    this.colour = colour;
  }

  synchronized void heading(String text) {
    out.println();
    out.println(bold(text));
    out.flush();
  }

  synchronized void ready(String part, String about, long nanos) {
    out.printf(Locale.ROOT, "  %-11s %s  (%,.0f ms)%n", part, about, nanos / 1e6);
    out.flush();
  }

  synchronized void line(String text) {
    out.println("  " + text);
    out.flush();
  }

  /**
   * From now on only this container is told of (null: every one), in times relative to this one.
   */
  synchronized void follow(String containerId, long unixNanos) {
    container = containerId;
    origin = unixNanos;
  }

  synchronized void event(EventView event) {
    String what = describe(event);
    if (what != null && (container == null || container.equals(event.string(Field.CONTAINER_ID)))) {
      at(event.time(), Kinds.name(event.kind()), shorten(what));
    }
  }

  synchronized void reached(SequenceProgress progress) {
    if (container != null && !progress.key().contains(container)) {
      return;
    }
    String step =
        "step " + (progress.step() + 1) + " of " + progress.steps() + ": " + progress.stepName();
    at(progress.time(), "sequence", yellow(step) + "  (" + progress.title() + ")");
  }

  synchronized void alert(Alert alert, double millis) {
    at(
        alert.getDetectedTime(),
        "ALERT",
        red(
            String.format(
                Locale.ROOT,
                "%s: %s  %s  %.1f ms after the kernel saw the last step",
                alert.getLevel().name().toLowerCase(Locale.ROOT),
                alert.getRuleTitle(),
                String.join(" ", alert.getTechniquesList()),
                millis)));
  }

  synchronized void contained(long time, double millis, String text) {
    at(
        time,
        "STOPPED",
        green(String.format(Locale.ROOT, "%s  %.1f ms after the last step", text, millis)));
  }

  private void at(long unixNanos, String what, String text) {
    out.printf(Locale.ROOT, "  %+9.1f ms  %-8s  %s%n", (unixNanos - origin) / 1e6, what, text);
    out.flush();
  }

  private static String describe(EventView event) {
    Kind kind = Kind.forNumber(event.kind());
    if (kind == null) {
      return null;
    }
    String who = event.string(Field.PROCESS_NAME) + "[" + event.number(Field.PROCESS_PID) + "]";
    return switch (kind) {
      case EXEC ->
          event.string(Field.PARENT_NAME)
              + " -> "
              + event.string(Field.PROCESS_EXE)
              + "  "
              + event.string(Field.PROCESS_COMMAND_LINE);
      case OPEN ->
          who
              + (event.flag(Field.FILE_WRITE) ? " writes " : " reads ")
              + event.string(Field.FILE_PATH);
      case CONNECT, ACCEPT ->
          who
              + (kind == Kind.CONNECT ? " connects to " : " is called by ")
              + event.string(Field.CONNECTION_REMOTE_ADDRESS)
              + ":"
              + event.number(Field.CONNECTION_REMOTE_PORT);
      case DUP ->
          who
              + " moves a "
              + event.string(Field.DUP_TYPE)
              + " onto descriptor "
              + event.number(Field.DUP_TO);
      default -> null;
    };
  }

  private static String shorten(String text) {
    String safe = PrintableText.of(text);
    return safe.length() <= LINE ? safe : safe.substring(0, LINE - 1) + "…";
  }

  private String bold(String text) {
    return paint("1", text);
  }

  private String red(String text) {
    return paint("1;31", text);
  }

  private String green(String text) {
    return paint("1;32", text);
  }

  private String yellow(String text) {
    return paint("33", text);
  }

  private String paint(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
