package dev.interdict.schema;

import java.nio.charset.StandardCharsets;

/** A pattern of bytes where {@code *} stands for any of them, also {@code /}, and ? for one. */
final class Glob {
  private static final int NONE = -1;

  private final byte[] pattern;

  Glob(String text) {
    pattern = text.getBytes(StandardCharsets.UTF_8);
  }

  boolean matches(byte[] array, int start, int length) {
    int end = start + length;
    int at = start;
    int p = 0;
    int star = NONE;
    int retry = start;
    while (at < end) {
      if (p < pattern.length && pattern[p] == '*') {
        star = p++;
        retry = at;
      } else if (p < pattern.length && (pattern[p] == '?' || pattern[p] == array[at])) {
        p++;
        at++;
      } else if (star != NONE) {
        p = star + 1;
        at = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }
}
