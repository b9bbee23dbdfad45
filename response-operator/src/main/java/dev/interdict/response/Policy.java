package dev.interdict.response;

import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.ResponseStep;
import java.time.Duration;
import java.util.List;

/**
 * @param steps after the containment, in this order
 * @param approval null: nobody is asked
 */
record Policy(
    String name,
    Mode mode,
    Match match,
    Actions actions,
    List<ResponseStep> steps,
    Limits limits,
    Exempt exempt,
    Approval approval) {

  enum Mode {
    /** Tells what matched. */
    OBSERVE,
    /** Decides as if it enforced, and tells; budgets are not used up. */
    DRYRUN,
    ENFORCE
  }

  Policy enforcing() {
    return new Policy(name, Mode.ENFORCE, match, actions, steps, limits, exempt, approval);
  }

  record Actions(boolean cut, boolean freeze, Duration ttl) {
    static final Actions NONE = new Actions(false, false, Duration.ofMinutes(10));

    boolean any() {
      return cut || freeze;
    }

    String text() {
      return (cut && freeze ? "cut and freeze" : cut ? "cut" : "freeze")
          + " for "
          + Budget.text(ttl);
    }
  }

  /**
   * Budgets count what was done by every policy.
   *
   * @param maxAlertAge from the kernel's event on
   * @param warmUp for so long after it is first in force, a policy only observes
   * @param disarm a rule that hits more workloads than that is disarmed; null: never
   * @param minimumHealthy so many ready pods of the workload must remain; 0: any number will do
   * @param disruptionBudgets whether one that allows no disruption is heeded
   */
  record Limits(
      int containmentsPerNodePerMinute,
      Budget perWorkload,
      Budget perNamespace,
      Budget perCluster,
      Duration maxAlertAge,
      Duration warmUp,
      Budget disarm,
      int minimumHealthy,
      boolean disruptionBudgets) {
    static final Limits DEFAULT =
        new Limits(
            10,
            new Budget(5, Duration.ofHours(1)),
            new Budget(20, Duration.ofMinutes(10)),
            new Budget(50, Duration.ofMinutes(10)),
            Duration.ofHours(1),
            Duration.ZERO,
            null,
            0,
            false);
  }

  /**
   * @param who may approve; empty: anyone who can reach the responder
   * @param within an alert waits no longer
   * @param otherwiseAct what happens then: it is done, or left
   */
  record Approval(List<String> who, Duration within, boolean otherwiseAct) {
    boolean allows(String person) {
      return who.isEmpty() || who.contains(person);
    }
  }

  record Exempt(
      List<Glob> containers, List<Glob> namespaces, List<Glob> owners, List<Glob> binaries) {
    static final Exempt DEFAULT =
        new Exempt(
            List.of(),
            List.of(new Glob("kube-system"), new Glob("interdict")),
            List.of(),
            List.of());

    /** Why it is exempt; null if it is not. */
    String reason(Entity entity, Workload workload) {
      if (Glob.any(binaries, entity.getExe())) {
        return "binary " + entity.getExe() + " is exempt";
      }
      if (workload != null && workload.spared() != null) {
        return workload.spared();
      }
      if (!entity.hasContainer()) {
        return null;
      }
      Container container = entity.getContainer();
      if (Glob.any(namespaces, container.getNamespace())) {
        return "namespace " + container.getNamespace() + " is exempt";
      }
      if (workload != null && Glob.any(owners, workload.owner())) {
        return "owner " + workload.owner() + " is exempt";
      }
      return Glob.any(containers, nameOf(container))
          ? "container " + nameOf(container) + " is exempt"
          : null;
    }
  }

  static String nameOf(Container container) {
    return container.getName().isEmpty() ? container.getId() : container.getName();
  }
}
