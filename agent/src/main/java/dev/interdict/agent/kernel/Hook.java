package dev.interdict.agent.kernel;

import dev.interdict.schema.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One way to see one kind. {@code reason} is null where it is attached. */
public record Hook(String kind, String hook, State state, String reason) {
  public enum State {
    ATTACHED,
    UNAVAILABLE
  }

  private static final String ELSEWHERE = "for other kernels";

  /** Of the kinds that no hook shows here, the rows that say why. */
  public static List<Hook> unseen(List<Hook> hooks) {
    Set<String> seen = new HashSet<>();
    for (Hook hook : hooks) {
      if (hook.state == State.ATTACHED) {
        seen.add(hook.kind);
      }
    }
    return hooks.stream().filter(hook -> !seen.contains(hook.kind)).toList();
  }

  /** Kinds of events of which there will be none. */
  public static Set<Kind> unseenKinds(List<Hook> hooks) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (Hook hook : unseen(hooks)) {
      for (Kind kind : Kind.values()) {
        if (kind.name().toLowerCase(Locale.ROOT).equals(hook.kind)) {
          kinds.add(kind);
        }
      }
    }
    return kinds;
  }

  /**
   * A kind that several programs see by the same hook is one row, unless they differ. Of programs
   * that were made for different kernels, those that do not fit here are left out where one does.
   *
   * @param reasons by program; null: it is attached
   */
  static List<Hook> describe(String[] reasons) {
    Set<Hook> hooks = new LinkedHashSet<>();
    String dispatch = null;
    for (int i = reasons.length - 1; i >= 0; i--) { // its own line comes first
      if (Program.ALL.get(i).symbol().equals(Program.ON_SYSCALL)) {
        dispatch = reasons[i];
      }
    }
    for (int i = 0; i < reasons.length; i++) {
      Program program = Program.ALL.get(i);
      String reason =
          Capabilities.explain(program.isHandedOn() && dispatch != null ? dispatch : reasons[i]);
      State state = reason == null ? State.ATTACHED : State.UNAVAILABLE;
      for (String kind : program.kinds()) {
        hooks.add(new Hook(kind, program.hook(), state, reason));
      }
    }
    List<Hook> rows = new ArrayList<>(hooks);
    rows.removeIf(
        row -> row.isElsewhere() && hooks.stream().anyMatch(other -> other.isInsteadOf(row)));
    return rows;
  }

  private boolean isElsewhere() {
    return reason != null && reason.startsWith(ELSEWHERE);
  }

  private boolean isInsteadOf(Hook other) {
    return !isElsewhere() && kind.equals(other.kind) && hook.equals(other.hook);
  }
}
