package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;

/**
 * The path that a name given to a system call means, from where the walk began: {@code
 * file/name.h}. By the text alone: symbolic links among the folders are not followed, as to walk a
 * file system that an attacker may have made (FUSE) could stop the sensor's thread.
 */
final class NamedPath {
  private NamedPath() {}

  /**
   * Left out where it is not known where the walk began.
   *
   * @param base span of components, leaf first
   */
  static void write(ProtoBuffer out, int field, ByteBuffer data, int at, int base, int given) {
    if (isKnown(data, at, base, given)) {
      int message = out.begin(field);
      append(out, data, at, base, given);
      out.end(message);
    }
  }

  static boolean isKnown(ByteBuffer data, int at, int base, int given) {
    return Spans.start(data, at, base) != at || isAbsolute(data, at, given);
  }

  static boolean isAbsolute(ByteBuffer data, int at, int given) {
    return Spans.length(data, at, given) > 0 && data.get(Spans.start(data, at, given)) == '/';
  }

  /** The path as text. */
  static void append(ProtoBuffer out, ByteBuffer data, int at, int base, int given) {
    int start = out.length();
    if (Spans.start(data, at, base) != at) {
      out.appendPath(data, Spans.start(data, at, base), Spans.length(data, at, base));
    } else {
      out.appendByte('/');
    }
    walk(out, start, data, Spans.start(data, at, given), Spans.length(data, at, given));
  }

  /** From {@code folder}, a path that was written to {@code out} at {@code start}. */
  static void walk(ProtoBuffer out, int start, ByteBuffer data, int from, int length) {
    int end = from + length;
    int at = from;
    if (out.length() == start + 1) {
      out.cut(start); // the root: each name brings its slash
    }
    while (at < end) {
      int next = at;
      while (next < end && data.get(next) != '/') {
        next++;
      }
      if (isDots(data, at, next, 2)) {
        out.cut(parent(out, start));
      } else if (next > at && !isDots(data, at, next, 1)) {
        out.appendByte('/');
        out.appendText(data, at, next - at);
      }
      at = next + 1;
    }
    if (out.length() == start) {
      out.appendByte('/');
    }
  }

  private static boolean isDots(ByteBuffer data, int from, int end, int count) {
    return end - from == count && data.get(from) == '.' && data.get(end - 1) == '.';
  }

  /** Where the last name begins, its slash included. */
  static int parent(ProtoBuffer out, int start) {
    int at = out.length();
    while (at > start && out.array()[at - 1] != '/') {
      at--;
    }
    return Math.max(start, at - 1);
  }
}
