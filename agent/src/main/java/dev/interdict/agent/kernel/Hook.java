package dev.interdict.agent.kernel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One way to see one kind. {@code reason} is null where it is attached. */
public record Hook(String kind, String hook, State state, String reason) {
  public enum State {
    ATTACHED,
    UNAVAILABLE
  }

  /**
   * A kind that several programs see by the same hook is one row, unless they differ.
   *
   * @param reasons by program; null: it is attached
   */
  static List<Hook> describe(String[] reasons) {
    Set<Hook> hooks = new LinkedHashSet<>();
    String dispatch = null;
    for (int i = 0; i < reasons.length; i++) {
      if (Program.ALL.get(i).symbol().equals(Program.ON_SYSCALL)) {
        dispatch = reasons[i];
      }
    }
    for (int i = 0; i < reasons.length; i++) {
      Program program = Program.ALL.get(i);
      String reason = program.isOfSystemCall() && dispatch != null ? dispatch : reasons[i];
      State state = reason == null ? State.ATTACHED : State.UNAVAILABLE;
      for (String kind : program.kinds()) {
        hooks.add(new Hook(kind, program.hook(), state, reason));
      }
    }
    return new ArrayList<>(hooks);
  }
}
