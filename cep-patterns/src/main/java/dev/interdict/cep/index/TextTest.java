package dev.interdict.cep.index;

/** A test of UTF-8 text; a missing field is the empty text. */
public sealed interface TextTest extends Test permits Glob, Regex, Cidr {
  boolean matches(byte[] array, int offset, int length);

  /**
   * Texts in lower case of which one is there, ignoring case, whenever the test succeeds; none
   * where nothing is known.
   */
  byte[][] guards();
}
