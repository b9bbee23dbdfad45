package dev.interdict.response;

import dev.interdict.schema.Alert;
import dev.interdict.schema.Container;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Level;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

record Policy(String name, Mode mode, Match match, Actions actions, Limits limits, Exempt exempt) {

  enum Mode {
    /** Tells what matched. */
    OBSERVE,
    /** Decides as if it enforced, and tells; budgets are not used up. */
    DRYRUN,
    ENFORCE
  }

  record Actions(boolean cut, boolean freeze, Duration ttl) {
    static final Actions NONE = new Actions(false, false, Duration.ofMinutes(10));

    boolean any() {
      return cut || freeze;
    }

    String text() {
      return (cut && freeze ? "cut and freeze" : cut ? "cut" : "freeze") + " for " + text(ttl);
    }

    private static String text(Duration duration) {
      return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param containmentsPerNodePerMinute counts those of every policy
   * @param maxAlertAge from the kernel's event on
   */
  record Limits(int containmentsPerNodePerMinute, Duration maxAlertAge) {
    static final Limits DEFAULT = new Limits(10, Duration.ofHours(1));
  }

  /** What is given must match; an empty list is one that was not given. */
  record Match(
      List<Glob> rules,
      Level level,
      List<String> techniques,
      List<String> responses,
      Containers containers,
      Boolean host) {
    static final Match ANY =
        new Match(List.of(), Level.LEVEL_UNSPECIFIED, List.of(), List.of(), null, null);

    boolean matches(Alert alert) {
      return (rules.isEmpty() || anyMatches(rules, alert.getRuleId()))
          && (responses.isEmpty() || responses.contains(alert.getResponse()))
          && alert.getLevelValue() >= level.getNumber()
          && (techniques.isEmpty() || alert.getTechniquesList().stream().anyMatch(this::isNamed))
          && matches(alert.getEntity());
    }

    /** T1059 names its sub-techniques, too. */
    private boolean isNamed(String technique) {
      return techniques.stream()
          .anyMatch(name -> technique.equals(name) || technique.startsWith(name + "."));
    }

    private boolean matches(Entity entity) {
      if (!entity.hasContainer()) {
        return host == null ? containers == null : host;
      }
      if (containers != null) {
        return containers.matches(entity.getContainer());
      }
      return host == null || !host;
    }
  }

  record Containers(List<Glob> names, List<Glob> images, List<Glob> runtimes) {
    boolean matches(Container container) {
      return (names.isEmpty() || anyMatches(names, nameOf(container)))
          && (images.isEmpty() || anyMatches(images, container.getImage()))
          && (runtimes.isEmpty() || anyMatches(runtimes, container.getRuntime()));
    }
  }

  record Exempt(List<Glob> containers, List<Glob> namespaces) {
    static final Exempt DEFAULT =
        new Exempt(List.of(), List.of(new Glob("kube-system"), new Glob("interdict")));

    /** Why it is exempt; null if it is not. */
    String reason(Entity entity) {
      if (!entity.hasContainer()) {
        return null;
      }
      Container container = entity.getContainer();
      if (anyMatches(namespaces, container.getNamespace())) {
        return "namespace " + container.getNamespace() + " is exempt";
      }
      return anyMatches(containers, nameOf(container))
          ? "container " + nameOf(container) + " is exempt"
          : null;
    }
  }

  private static boolean anyMatches(List<Glob> globs, String text) {
    return globs.stream().anyMatch(glob -> glob.matches(text));
  }

  static String nameOf(Container container) {
    return container.getName().isEmpty() ? container.getId() : container.getName();
  }
}
