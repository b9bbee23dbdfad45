package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Container;
import dev.interdict.schema.Level;
import dev.interdict.schema.ResponseStep;
import dev.interdict.schema.ResponseStep.State;
import dev.interdict.schema.ResponseStep.Undo;
import dev.interdict.schema.ResponseStep.When;
import dev.interdict.schema.SavedWindow;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a policy has done after a containment, in its order, each once the one before has its
 * answer. They stand in the record of the containment with what became of them.
 */
final class Steps {
  static final int MAX = 8;

  private Steps() {}

  /**
   * @param keep what it does stays when the containment is over
   */
  static ResponseStep of(
      StepKind kind, When when, Level atLeast, Map<String, String> parameters, boolean keep) {
    return ResponseStep.newBuilder()
        .setAction(kind.action())
        .setWhen(when)
        .setLevel(atLeast)
        .putAllParameters(parameters)
        .setKeep(keep)
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

  /**
   * The last that is to be undone, since later ones build on earlier ones; -1 if there is none.
   *
   * @param early only what must be undone while the node still holds the containment
   */
  static int nextUndo(ContainmentRecord record, boolean early) {
    List<ResponseStep> steps = record.steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      if (steps.get(i).getUndo() == Undo.UNDO_DUE
          && (!early || StepKind.of(steps.get(i)).undo() == StepKind.Undo.BEFORE_THE_END)) {
        return i;
      }
    }
    return -1;
  }

  /** Why a step is not to be done; null if it is. */
  static String obstacle(ContainmentRecord record, int step, Standing standing, StepRunner runner) {
    if (standing.stopped()) {
      return standing.whyStopped();
    }
    ResponseStep what = record.steps().get(step);
    Alert alert = record.alert();
    if (alert.getLevelValue() < what.getLevelValue()) {
      return "the level is below " + what.getLevel().name().toLowerCase(Locale.ROOT);
    }
    StepKind kind = StepKind.of(what);
    String elsewhere = elsewhere(kind, alert);
    if (elsewhere == null && kind.place() == StepKind.Place.ORCHESTRATOR) {
      elsewhere = runner.obstacle(kind);
    }
    if (elsewhere != null) {
      return elsewhere;
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

  private static String elsewhere(StepKind kind, Alert alert) {
    Container container = alert.getEntity().getContainer();
    return switch (kind.subject()) {
      case HOST ->
          alert.getEntity().hasContainer() ? "the alert is about a process in a container" : null;
      case CONTAINER ->
          alert.getEntity().hasContainer() ? null : "the alert is about a process of the host";
      case POD -> container.getPod().isEmpty() ? "the alert names no pod" : null;
      case ANY -> null;
    };
  }

  /** To be durable before the orchestrator is asked. */
  static ContainmentRecord begun(ContainmentRecord record, int step, long now) {
    ResponseStep what = record.steps().get(step);
    return what.getBegun() != 0
        ? record
        : record.withStep(step, what.toBuilder().setBegun(now).build());
  }

  /** Why it is not done yet. */
  static ContainmentRecord waiting(ContainmentRecord record, int step, String why) {
    return record.withStep(step, record.steps().get(step).toBuilder().setReason(why).build());
  }

  /** What was begun may have done something, whatever was heard of it. */
  static ContainmentRecord ended(
      ContainmentRecord record, int step, State state, String reason, long now) {
    ResponseStep what = record.steps().get(step);
    ResponseStep.Builder ended = what.toBuilder().setState(state).setReason(reason).setEnded(now);
    if (what.getBegun() != 0
        && !what.getKeep()
        && StepKind.of(what).undo() != StepKind.Undo.NEVER) {
      ended.setUndo(Undo.UNDO_DUE);
    }
    return record.withStep(step, ended.build());
  }

  static ContainmentRecord undone(ContainmentRecord record, int step, StepResult result, long now) {
    return record.withStep(
        step,
        record.steps().get(step).toBuilder()
            .setUndo(result.status() == StepResult.Status.DONE ? Undo.UNDONE : Undo.NOT_UNDONE)
            .setUndoReason(result.message())
            .setUndone(now)
            .build());
  }

  static ContainmentRecord leaveOutAll(ContainmentRecord from, String reason, long now) {
    ContainmentRecord record = from;
    for (int step = next(record); step >= 0; step = next(record)) {
      record = ended(record, step, State.LEFT_OUT, reason, now);
    }
    return record;
  }

  /** Evidence that is still being saved; what may destroy it comes after. */
  static boolean isUnderWay(CommandResult result) {
    return result.getStatus() == CommandResult.Status.DONE
        && result.getWindowsList().stream()
            .anyMatch(window -> window.getState() == SavedWindow.State.SAVING);
  }

  static State state(CommandResult result) {
    return switch (result.getStatus()) {
      case DONE -> State.DONE;
      case REFUSED -> State.REFUSED;
      default -> State.FAILED;
    };
  }

  static State state(StepResult result) {
    return switch (result.status()) {
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
    return steps.stream().map(step -> StepKind.of(step).text()).collect(Collectors.joining(", "));
  }

  /** For a person: save-window done, kill-tree open. */
  static String text(List<ResponseStep> steps) {
    StringBuilder text = new StringBuilder();
    for (ResponseStep step : steps) {
      text.append(text.length() == 0 ? "" : ", ")
          .append(StepKind.of(step).text())
          .append(' ')
          .append(step.getState().name().toLowerCase(Locale.ROOT).replace('_', ' '));
      if (!step.getReason().isEmpty()) {
        text.append(" (").append(step.getReason()).append(')');
      }
      if (step.getUndone() != 0) {
        text.append(step.getUndo() == Undo.UNDONE ? ", undone" : ", not undone");
        if (!step.getUndoReason().isEmpty()) {
          text.append(" (").append(step.getUndoReason()).append(')');
        }
      }
    }
    return text.toString();
  }
}
