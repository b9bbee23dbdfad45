package dev.interdict.jobs.rules;

/**
 * How it stands with the rules of a running job.
 *
 * @param active hash of the set in effect
 * @param coming hash of the set that the next checkpoint puts into effect; empty if there is none
 * @param confirmed tasks that have said that they run the active set
 * @param tasks that are to say it
 * @param problem why what lies in the directory is not in effect, by file and line; empty if it is
 */
public record RuleStatus(String active, String coming, int confirmed, int tasks, String problem) {

  /** Called on the coordinator's thread. */
  @FunctionalInterface
  public interface Listener {
    void changed(RuleStatus status);
  }
}
