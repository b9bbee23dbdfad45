package dev.interdict.response;

public enum ContainmentState {
  /** The intent is on the disk. */
  DECIDED,
  SENT,
  /** Confirmed by the node. */
  IN_FORCE,
  /** By the node: forged, expired, or a protected target. */
  REFUSED,
  FAILED,
  RELEASED,
  EXPIRED,
  /** The policy only watches, or none matches. */
  OBSERVED,
  /** The policy would act, and one of its rails, or a containment in force, said no. */
  SKIPPED,
  /** For a person's approval. */
  WAITING;

  /** Something may still be in force, or come to be, on the node. */
  public boolean active() {
    return this == DECIDED || this == SENT || this == IN_FORCE || this == WAITING;
  }

  /** A node was, or will be, asked for something. */
  public boolean acted() {
    return this != OBSERVED && this != SKIPPED && this != WAITING;
  }
}
