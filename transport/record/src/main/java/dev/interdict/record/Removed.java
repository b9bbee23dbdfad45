package dev.interdict.record;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What retention has taken from the front of a lane.
 *
 * @param lastSequence the end of what its frames covered; 0 if nothing was removed
 */
record Removed(long lastSequence, long events, long lastTime) {
  static final String FILE = "removed";
  static final Removed NOTHING = new Removed(0, 0, Long.MIN_VALUE);

  private static final Pattern TEXT =
      Pattern.compile("last=(\\d+) events=(\\d+) time=(-?\\d+)\\s*");

  static Removed parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("invalid retention mark: " + text);
    }
    return new Removed(
        Long.parseLong(matcher.group(1)),
        Long.parseLong(matcher.group(2)),
        Long.parseLong(matcher.group(3)));
  }

  String text() {
    return "last=" + lastSequence + " events=" + events + " time=" + lastTime + "\n";
  }
}
