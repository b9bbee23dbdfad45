package dev.interdict.storage;

/** How many columns of a terminal a text takes: two for East Asian letters and pictures. */
final class TextWidth {
  private TextWidth() {}

  static int of(String text) {
    int width = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      width += of(point);
      i += Character.charCount(point);
    }
    return width;
  }

  /** The text, or as much of it as fits with an ellipsis. */
  static String cut(String text, int width) {
    if (of(text) <= width) {
      return text;
    }
    int used = 0;
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      if (used + of(point) > width - 1) {
        break;
      }
      used += of(point);
      i += Character.charCount(point);
    }
    return text.substring(0, i) + "…";
  }

  private static int of(int point) {
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean wide =
        point >= 0x1100 && point <= 0x115f
            || point >= 0x2e80 && point <= 0xa4cf && point != 0x303f
            || point >= 0xac00 && point <= 0xd7a3
            || point >= 0xf900 && point <= 0xfaff
            || point >= 0xfe30 && point <= 0xfe6f
            || point >= 0xff00 && point <= 0xff60
            || point >= 0xffe0 && point <= 0xffe6
            || point >= 0x1f300 && point <= 0x1faff
            || point >= 0x20000 && point <= 0x3fffd;
    return wide ? 2 : 1;
  }
}
