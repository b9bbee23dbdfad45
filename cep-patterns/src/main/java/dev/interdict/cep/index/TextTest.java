package dev.interdict.cep.index;

/** A test of UTF-8 text; a missing field is the empty text. */
public sealed interface TextTest extends Test permits Glob, Regex, Cidr {
  boolean matches(byte[] array, int offset, int length);

  /**
   * Text in lower case without which, ignoring case, the test cannot succeed; empty if there is
   * none.
   */
  byte[] guard();
}
