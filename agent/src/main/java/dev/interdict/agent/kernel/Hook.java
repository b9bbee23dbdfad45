package dev.interdict.agent.kernel;

/** One way to see one kind. {@code reason} is null where it is attached. */
public record Hook(String kind, String hook, State state, String reason) {
  public enum State {
    ATTACHED,
    UNAVAILABLE
  }
}
