package dev.interdict.agent.uplink;

import dev.interdict.agent.kernel.Interest;
import dev.interdict.agent.kernel.Sensor;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.client.Registration;
import dev.interdict.bus.client.Wanted;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.ScopeFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what subscriptions want into the kernel's filters. On a thread of its own, because to let
 * a hook go takes the kernel a while; of what is wanted meanwhile, only the last counts.
 */
public final class KernelFilters implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelFilters.class);

  private final Sensor sensor;
  private final AtomicReference<Wanted> latest = new AtomicReference<>();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "interdict-filters");
            thread.setDaemon(true);
            return thread;
          });
  private final Registration registration;

  public KernelFilters(Sensor sensor, NodeLink link) {
    this.sensor = sensor;
    this.registration = link.onWanted(this::want);
  }

  private void want(Wanted wanted) {
    if (latest.getAndSet(wanted) == null && !worker.isShutdown()) {
      worker.execute(this::apply);
    }
  }

  private void apply() {
    Wanted wanted = latest.getAndSet(null);
    try {
      sensor.select(interests(wanted));
    } catch (IOException e) {
      LOG.error("the kernel does not observe what subscriptions want", e);
    }
  }

  static List<Interest> interests(Wanted wanted) {
    List<Interest> interests = new ArrayList<>();
    for (Wanted.Interest interest : wanted.interests()) {
      // Who asks for everything gets what the node keeps, and does not turn on what reads secrets.
      long kinds = interest.kinds() == Kinds.ALL ? 0 : interest.kinds();
      if (kinds == 0 && interest.distinct() == 0) {
        continue;
      }
      ScopeFilter scope = new ScopeFilter(interest.scope());
      interests.add(
          new Interest(
              kinds,
              !scope.isOfContainers()
                  ? null
                  : of -> scope.mayMatch(of.id(), of.name(), of.image(), of.pod(), of.namespace()),
              interest.distinct()));
    }
    return interests;
  }

  @Override
  public void close() {
    registration.close();
    worker.shutdownNow();
  }
}
