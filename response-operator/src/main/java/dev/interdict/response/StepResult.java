package dev.interdict.response;

/**
 * What came of a step, or of taking it back.
 *
 * @param message for a person; empty where there is nothing to add
 */
public record StepResult(Status status, String message) {
  public enum Status {
    DONE,
    /** It must not be done, and asking again would not help. */
    REFUSED,
    FAILED,
    /** Not yet, but it may work when it is asked for again: a conflict, a timeout, a budget. */
    AGAIN
  }

  public static StepResult done(String message) {
    return new StepResult(Status.DONE, message);
  }

  public static StepResult refused(String why) {
    return new StepResult(Status.REFUSED, why);
  }

  public static StepResult failed(String why) {
    return new StepResult(Status.FAILED, why);
  }

  public static StepResult again(String why) {
    return new StepResult(Status.AGAIN, why);
  }
}
