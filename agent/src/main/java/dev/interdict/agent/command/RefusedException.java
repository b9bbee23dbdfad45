package dev.interdict.agent.command;

/** The command will not be carried out, now or later; the message says what is wrong with it. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
