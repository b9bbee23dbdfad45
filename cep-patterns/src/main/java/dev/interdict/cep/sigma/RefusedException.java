package dev.interdict.cep.sigma;

/**
 * A well-formed rule asks for what this engine or its events do not have; the message says what.
 */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RefusedException(String reason) {
    super(reason);
  }
}
