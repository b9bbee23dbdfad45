package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Level;
import dev.interdict.schema.ResponseStep;
import dev.interdict.schema.ResponseStep.Action;
import dev.interdict.schema.ResponseStep.State;
import dev.interdict.schema.ResponseStep.When;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a policy has done after a containment, in its order, each once the one before has its
 * answer. They stand in the record of the containment with what became of them.
 */
final class Steps {
  static final int MAX = 8;

  private Steps() {}

  /** As policies write it: kill-tree. */
  static String name(Action action) {
    return action.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static ResponseStep of(Action action, When when, Level atLeast, Duration before) {
    return ResponseStep.newBuilder()
        .setAction(action)
        .setWhen(when)
        .setLevel(atLeast)
        .setSeconds((int) before.toSeconds())
        .setState(State.OPEN)
        .build();
  }

  /** -1 if nothing is left to be done. */
  static int next(ContainmentRecord record) {
    List<ResponseStep> steps = record.steps();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).getState() == State.OPEN) {
        return i;
      }
    }
    return -1;
  }

  /** Why a step is not to be done; null if it is. */
  static String obstacle(ContainmentRecord record, int step, Standing standing) {
    if (standing.stopped()) {
      return standing.whyStopped();
    }
    ResponseStep what = record.steps().get(step);
    Alert alert = record.alert();
    if (alert.getLevelValue() < what.getLevelValue()) {
      return "the level is below " + what.getLevel().name().toLowerCase(Locale.ROOT);
    }
    // One that is over by now was in force.
    boolean failed =
        record.state() == ContainmentState.FAILED || record.state() == ContainmentState.REFUSED;
    return switch (what.getWhen()) {
      case IN_FORCE -> failed ? "the containment is not in force" : null;
      case NOT_IN_FORCE -> failed ? null : "the containment is in force";
      default -> null;
    };
  }

  static ContainmentRecord ended(
      ContainmentRecord record, int step, State state, String reason, long now) {
    return record.withStep(
        step,
        record.steps().get(step).toBuilder()
            .setState(state)
            .setReason(reason)
            .setEnded(now)
            .build());
  }

  static ContainmentRecord leaveOutAll(ContainmentRecord from, String reason, long now) {
    ContainmentRecord record = from;
    for (int step = next(record); step >= 0; step = next(record)) {
      record = ended(record, step, State.LEFT_OUT, reason, now);
    }
    return record;
  }

  static State state(CommandResult result) {
    return switch (result.getStatus()) {
      case DONE -> State.DONE;
      case REFUSED -> State.REFUSED;
      default -> State.FAILED;
    };
  }

  static String reason(CommandResult result) {
    if (!result.getMessage().isEmpty()) {
      return result.getMessage();
    }
    return result.getKilled() > 0 ? result.getKilled() + " processes ended" : "";
  }

  static String names(List<ResponseStep> steps) {
    return steps.stream().map(step -> name(step.getAction())).collect(Collectors.joining(", "));
  }

  /** For a person: save-window done, kill-tree open. */
  static String text(List<ResponseStep> steps) {
    StringBuilder text = new StringBuilder();
    for (ResponseStep step : steps) {
      text.append(text.length() == 0 ? "" : ", ")
          .append(name(step.getAction()))
          .append(' ')
          .append(step.getState().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      if (!step.getReason().isEmpty()) {
        text.append(" (").append(step.getReason()).append(')');
      }
    }
    return text.toString();
  }
}
