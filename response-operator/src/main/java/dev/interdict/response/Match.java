package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Level;
import java.util.List;
import java.util.Map;

/**
 * What is given must match; an empty list is one that was not given.
 *
 * @param score of the incident, this or above; 0: any
 * @param containers null: not given
 * @param owner null: not given
 * @param host null: not given
 */
record Match(
    List<Glob> rules,
    Level level,
    int score,
    List<String> techniques,
    List<String> responses,
    Containers containers,
    Owner owner,
    Boolean host) {
  static final Match ANY =
      new Match(List.of(), Level.LEVEL_UNSPECIFIED, 0, List.of(), List.of(), null, null, null);

  record Containers(
      List<Glob> names,
      List<Glob> images,
      List<Glob> runtimes,
      List<Glob> namespaces,
      List<Glob> pods) {
    boolean matches(Container container) {
      return Glob.anyOrNone(names, Policy.nameOf(container))
          && Glob.anyOrNone(images, container.getImage())
          && Glob.anyOrNone(runtimes, container.getRuntime())
          && Glob.anyOrNone(namespaces, container.getNamespace())
          && Glob.anyOrNone(pods, container.getPod());
    }
  }

  /**
   * Known by the orchestrator only: where there is none, this matches nothing.
   *
   * @param stateful null: not given
   */
  record Owner(List<Glob> kinds, List<Glob> names, Map<String, Glob> labels, Boolean stateful) {
    boolean matches(Workload workload) {
      return workload != null
          && Glob.anyOrNone(kinds, workload.kind())
          && Glob.anyOrNone(names, workload.name())
          && labels.entrySet().stream().allMatch(each -> isLabelled(workload, each))
          && (stateful == null || stateful.equals(workload.stateful()));
    }

    private static boolean isLabelled(Workload workload, Map.Entry<String, Glob> label) {
      String value = workload.labels().get(label.getKey());
      return value != null && label.getValue().matches(value);
    }
  }

  /**
   * @param workload null where it is not known
   */
  boolean matches(Alert alert, Workload workload) {
    return Glob.anyOrNone(rules, alert.getRuleId())
        && (responses.isEmpty() || responses.contains(alert.getResponse()))
        && alert.getLevelValue() >= level.getNumber()
        && alert.getIncident().getScore() >= score
        && (techniques.isEmpty() || alert.getTechniquesList().stream().anyMatch(this::isNamed))
        && (owner == null || owner.matches(workload))
        && isThere(alert.getEntity());
  }

  /** T1059 names its sub-techniques, too. */
  private boolean isNamed(String technique) {
    return techniques.stream()
        .anyMatch(name -> technique.equals(name) || technique.startsWith(name + "."));
  }

  private boolean isThere(Entity entity) {
    if (!entity.hasContainer()) {
      return host == null ? containers == null : host;
    }
    if (containers != null) {
      return containers.matches(entity.getContainer());
    }
    return host == null || !host;
  }
}
