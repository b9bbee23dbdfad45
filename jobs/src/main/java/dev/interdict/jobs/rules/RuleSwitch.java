package dev.interdict.jobs.rules;

/**
 * A reader's half of a change of rules: nothing is emitted between the barrier of the checkpoint
 * that carries the change and the news that it is complete, so that no event behind a position is
 * judged by a set that a restore would not put there. That takes one checkpoint, once a change.
 */
public final class RuleSwitch {
  private static final long NONE = Long.MAX_VALUE;

  private RuleBundle active;
  private RuleBundle coming;
  private long heldSince = NONE;

  /** Null until the coordinator has said it. */
  public RuleBundle active() {
    return active;
  }

  /** True if the streams are under another set now. */
  public boolean announced(RulesAnnounced said) {
    boolean changed = !said.active().equals(active);
    active = said.active();
    coming = said.coming();
    if (coming == null) {
      heldSince = NONE;
    }
    return changed;
  }

  /** A barrier has passed. */
  public void snapshot(long checkpoint) {
    if (coming != null && heldSince == NONE) {
      heldSince = checkpoint;
    }
  }

  /** Whether nothing may be emitted now. */
  public boolean holds() {
    return heldSince != NONE;
  }

  /** True if the streams are under another set now. */
  public boolean complete(long checkpoint) {
    if (coming == null || checkpoint < heldSince) {
      return false;
    }
    active = coming;
    coming = null;
    heldSince = NONE;
    return true;
  }

  /** The next checkpoint will carry the change. */
  public void aborted(long checkpoint) {
    if (checkpoint >= heldSince) {
      heldSince = NONE;
    }
  }
}
