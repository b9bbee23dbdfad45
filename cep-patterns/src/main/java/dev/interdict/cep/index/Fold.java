package dev.interdict.cep.index;

import java.nio.charset.StandardCharsets;

/**
 * Case is ignored for the letters of ASCII only: file names on Linux that differ in other letters
 * are different files, and byte-wise folding keeps offsets.
 */
final class Fold {
  private static final byte[] LOWER = new byte[256];

  static {
    for (int i = 0; i < 256; i++) {
      LOWER[i] = (byte) (i >= 'A' && i <= 'Z' ? i + 32 : i);
    }
  }

  private Fold() {}

  static byte fold(byte b) {
    return LOWER[b & 0xff];
  }

  static byte[] fold(String text) {
    return fold(text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] fold(byte[] text) {
    byte[] folded = new byte[text.length];
    for (int i = 0; i < text.length; i++) {
      folded[i] = fold(text[i]);
    }
    return folded;
  }
}
