package dev.interdict.response;

import dev.interdict.schema.Entity;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What it cannot tell is not known: it must not keep an alert from being decided. */
final class GuardedWorkloads implements Workloads {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedWorkloads.class);

  private final Workloads workloads;

  GuardedWorkloads(Workloads workloads) {
    this.workloads = workloads;
  }

  @Override
  public Workload of(Entity entity) {
    return guarded(entity, workloads::of);
  }

  @Override
  public Health health(Entity entity) {
    return guarded(entity, workloads::health);
  }

  private static <T> T guarded(Entity entity, Function<Entity, T> what) {
    try {
      return what.apply(entity);
    } catch (RuntimeException e) {
      LOG.error("what owns {} is not known", entity.getCgroup(), e);
      return null;
    }
  }
}
