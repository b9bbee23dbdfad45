package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.ContainerIdentity;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.util.List;

/** Makes the kernel's filters the union of what the node keeps anyway and what is wanted now. */
final class Selector {
  /** What keeps the process table right, whatever is asked for. */
  private static final long TRACKED =
      Kinds.bit(Kind.EXEC) | Kinds.bit(Kind.EXIT) | Kinds.bit(Kind.FORK);

  private final long handle;
  private final long profile;
  private final long folded;
  private final CgroupRules rules;
  private final Translator translator;
  private final Uprobes uprobes;

  Selector(
      long handle, SensorConfig config, CgroupRules rules, Translator translator, Uprobes uprobes) {
    this.handle = handle;
    this.profile = Kinds.bits(config.kinds());
    this.folded = Kinds.bits(config.folded());
    this.rules = rules;
    this.translator = translator;
    this.uprobes = uprobes;
  }

  void select(List<Interest> interests) throws IOException {
    long wanted = profile;
    long everywhere = profile;
    long distinct = 0;
    for (Interest interest : interests) {
      wanted |= interest.kinds();
      everywhere |= interest.containers() == null ? interest.kinds() : 0;
      distinct |= interest.distinct();
    }
    long scoped = wanted & ~everywhere & ~forTheSensor(wanted);
    // First the rules, then what they narrow.
    rules.scope(container -> within(interests, container) & scoped);
    int error = Natives.select(handle, observed(wanted), scoped, folded & ~distinct);
    if (error < 0) {
      throw new IOException("cannot attach the hook of system calls: errno=" + -error);
    }
    translator.select(wanted);
    uprobes.select(wanted);
  }

  private static long within(List<Interest> interests, ContainerIdentity container) {
    long kinds = 0;
    for (Interest interest : interests) {
      if (interest.containers() != null && interest.containers().test(container)) {
        kinds |= interest.kinds();
      }
    }
    return kinds;
  }

  /** What the kernel is asked for. */
  static long observed(long wanted) {
    return wanted | forTheSensor(wanted);
  }

  /** To know what was written before it is executed, writing has to be seen too. */
  private static long forTheSensor(long kinds) {
    boolean exec = (kinds & Kinds.bit(Kind.EXEC)) != 0;
    boolean inside = (kinds & Uprobes.KINDS) != 0;
    return TRACKED
        | (exec ? Kinds.bit(Kind.OPEN) : 0)
        | (inside ? Kinds.bit(Record.KIND_MAPPING) : 0);
  }
}
