package dev.interdict.bus.tls;

/** Where a peer's identity is found: one that stays, or one that is replaced while it is in use. */
public interface IdentitySource {
  Identity identity();

  /**
   * The listener runs, on some thread, after the identity was replaced. Run the result to end it.
   */
  default Runnable onChange(Runnable listener) {
    return () -> {};
  }
}
