package dev.interdict.cep.index;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text with wildcards over UTF-8 bytes: any number of characters, or exactly one. */
public final class Glob implements TextTest {
  /** Tokens of a pattern beside the byte values 0 to 255. */
  public static final int STAR = -1;

  public static final int ONE = -2;

  /** What is left of a pattern when its leading and trailing {@link #STAR} are taken off. */
  public enum Shape {
    ANY,
    EQUALS,
    PREFIX,
    SUFFIX,
    CONTAINS,
    GENERAL
  }

  private static final byte[][] NONE = {};

  private final int[] tokens;
  private final boolean cased;
  private final int[][] segments;
  private final boolean openStart;
  private final boolean openEnd;
  private final Shape shape;

  public Glob(int[] pattern, boolean cased) {
    this.cased = cased;
    tokens = normalize(pattern, cased);
    segments = split(tokens);
    openStart = tokens.length > 0 && tokens[0] == STAR;
    openEnd = tokens.length > 0 && tokens[tokens.length - 1] == STAR;
    shape = shapeOf();
  }

  public static Glob equalTo(String text) {
    return new Glob(tokens(text.getBytes(StandardCharsets.UTF_8)), false);
  }

  public static int[] tokens(byte[] text) {
    int[] tokens = new int[text.length];
    for (int i = 0; i < text.length; i++) {
      tokens[i] = text[i] & 0xff;
    }
    return tokens;
  }

  private static int[] normalize(int[] pattern, boolean cased) {
    int[] out = new int[pattern.length];
    int n = 0;
    for (int token : pattern) {
      if (token == STAR && n > 0 && out[n - 1] == STAR) {
        continue;
      }
      out[n++] = token >= 0 && !cased ? Fold.fold((byte) token) & 0xff : token;
    }
    return Arrays.copyOf(out, n);
  }

  private static int[][] split(int[] tokens) {
    if (tokens.length == 0) {
      return new int[][] {{}};
    }
    List<int[]> segments = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= tokens.length; i++) {
      if (i == tokens.length || tokens[i] == STAR) {
        if (i > start) {
          segments.add(Arrays.copyOfRange(tokens, start, i));
        }
        start = i + 1;
      }
    }
    return segments.toArray(int[][]::new);
  }

  private Shape shapeOf() {
    if (segments.length == 0) {
      return Shape.ANY;
    }
    if (segments.length > 1 || Arrays.stream(segments[0]).anyMatch(token -> token == ONE)) {
      return Shape.GENERAL;
    }
    if (openStart) {
      return openEnd ? Shape.CONTAINS : Shape.SUFFIX;
    }
    return openEnd ? Shape.PREFIX : Shape.EQUALS;
  }

  public Shape shape() {
    return shape;
  }

  /** The text that is wanted, without wildcards around it; empty for other shapes than EQUALS. */
  public String literal() {
    return shape == Shape.EQUALS ? new String(guard(), StandardCharsets.UTF_8) : "";
  }

  /** The guard decides the test by itself, at the place that the shape names. */
  boolean exact() {
    return !cased && shape != Shape.GENERAL;
  }

  @Override
  public byte[][] guards() {
    byte[] guard = guard();
    return guard.length > 0 || shape == Shape.EQUALS ? new byte[][] {guard} : NONE;
  }

  private byte[] guard() {
    byte[] longest = {};
    for (int[] segment : segments) {
      int start = 0;
      for (int i = 0; i <= segment.length; i++) {
        if (i == segment.length || segment[i] == ONE) {
          if (i - start > longest.length) {
            longest = new byte[i - start];
            for (int j = start; j < i; j++) {
              longest[j - start] = Fold.fold((byte) segment[j]);
            }
          }
          start = i + 1;
        }
      }
    }
    return longest;
  }

  @Override
  public boolean matches(byte[] array, int offset, int length) {
    int end = offset + length;
    int pos = offset;
    int first = 0;
    int last = segments.length;
    if (!openStart) {
      pos = forward(segments[0], array, pos, end);
      if (pos < 0) {
        return false;
      }
      if (last == 1 && !openEnd) {
        return pos == end;
      }
      first = 1;
    }
    int limit = end;
    if (!openEnd && last > first) {
      limit = backward(segments[last - 1], array, pos, end);
      if (limit < 0) {
        return false;
      }
      last--;
    }
    for (int i = first; i < last; i++) {
      pos = find(segments[i], array, pos, limit);
      if (pos < 0) {
        return false;
      }
    }
    return true;
  }

  private int find(int[] segment, byte[] array, int from, int limit) {
    for (int i = from; i < limit; i++) {
      int end = forward(segment, array, i, limit);
      if (end >= 0) {
        return end;
      }
    }
    return -1;
  }

  /** End of the segment that starts at {@code pos}, or -1. */
  private int forward(int[] segment, byte[] array, int pos, int limit) {
    for (int token : segment) {
      if (pos >= limit) {
        return -1;
      }
      if (token == ONE) {
        pos++;
        while (pos < limit && continuation(array[pos])) {
          pos++;
        }
      } else if (same(token, array[pos])) {
        pos++;
      } else {
        return -1;
      }
    }
    return pos;
  }

  /** Start of the segment that ends at {@code end}, or -1. */
  private int backward(int[] segment, byte[] array, int floor, int end) {
    int pos = end;
    for (int i = segment.length - 1; i >= 0; i--) {
      if (pos <= floor) {
        return -1;
      }
      pos--;
      if (segment[i] == ONE) {
        while (pos > floor && continuation(array[pos])) {
          pos--;
        }
      } else if (!same(segment[i], array[pos])) {
        return -1;
      }
    }
    return pos;
  }

  private boolean same(int token, byte b) {
    return token == ((cased ? b : Fold.fold(b)) & 0xff);
  }

  private static boolean continuation(byte b) {
    return (b & 0xc0) == 0x80;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Glob glob && cased == glob.cased && Arrays.equals(tokens, glob.tokens);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + Boolean.hashCode(cased);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(cased ? "cased '" : "'");
    byte[] literal = new byte[tokens.length];
    int n = 0;
    for (int token : tokens) {
      if (token >= 0) {
        literal[n++] = (byte) token;
      } else {
        text.append(new String(literal, 0, n, StandardCharsets.UTF_8));
        text.append(token == STAR ? '*' : '?');
        n = 0;
      }
    }
    return text.append(new String(literal, 0, n, StandardCharsets.UTF_8)).append('\'').toString();
  }
}
