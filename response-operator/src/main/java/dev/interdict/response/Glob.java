package dev.interdict.response;

import java.util.List;

/** {@code *} stands for any run of characters, {@code ?} for one; the whole text must match. */
record Glob(String pattern) {
  static boolean any(List<Glob> globs, String text) {
    return globs.stream().anyMatch(glob -> glob.matches(text));
  }

  /** As where nothing is asked for. */
  static boolean anyOrNone(List<Glob> globs, String text) {
    return globs.isEmpty() || any(globs, text);
  }

  /** Steps back to the last star only, so the time is at most the product of the lengths. */
  boolean matches(String text) {
    int at = 0;
    int in = 0;
    int star = -1;
    int afterStar = 0;
    while (in < text.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        afterStar = in;
      } else if (at < pattern.length()
          && (pattern.charAt(at) == '?' || pattern.charAt(at) == text.charAt(in))) {
        at++;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++afterStar;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }
}
