package dev.interdict.storage;

/** A question that was not answered. The message is for the person who asked. */
public final class QueryException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Tells the caller what to do about it. */
  public enum Reason {
    /** Correct the SQL. */
    QUESTION,
    /** A file of the archive cannot be read, and the message names it. */
    DATA,
    /** It asked for more time or memory than it was given. */
    LIMIT,
    CANCELLED
  }

  private final Reason reason;

  QueryException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  QueryException(Reason reason, String message, Throwable because) {
    super(message, because);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
