package dev.interdict.response;

import dev.interdict.bus.metrics.MetricsEndpoint.Meters;
import dev.interdict.schema.ResponseStep;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What the responder decided, did and could not do, as Micrometer's meters. */
public final class ResponderMetrics implements Meters {
  private static final String PREFIX = "interdict.responder.";

  /** More than the ledger keeps, so that what changes late is still known here. */
  private static final int REMEMBERED = 2 * Ledger.MAX_RECORDS;

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final Responder responder;
  private final Map<String, ContainmentRecord> known =
      new LinkedHashMap<>(1024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ContainmentRecord> eldest) {
          return size() > REMEMBERED;
        }
      };
  private MeterRegistry registry;
  private MultiGauge states;
  private Timer containing;

  public ResponderMetrics(Responder responder) {
    this.responder = responder;
  }

  @Override
  public void register(MeterRegistry registry) {
    this.registry = registry;
    states =
        MultiGauge.builder(PREFIX + "containments.now")
            .description("Containments that are remembered, by state")
            .register(registry);
    containing =
        Timer.builder(PREFIX + "contained.after")
            .description("From the kernel's event to the node's confirmation")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    gauge("stopped", "1 while the global stop holds", each -> each.whyStopped() == null ? 0 : 1);
    gauge("rules.disarmed", "Rules that no longer lead to a response", Responder::rulesDisarmed);
    gauge("alerts.waiting", "Alerts that are not decided yet", Responder::alertsWaiting);
    FunctionCounter.builder(PREFIX + "log.failures", responder, Responder::logFailures)
        .description("Times that the disk did not take the log")
        .register(registry);
    synchronized (this) {
      responder.records().forEach(record -> known.put(record.id(), record));
    }
    responder.watch(this::changed);
  }

  private void gauge(String name, String description, ToLongFunction<Responder> value) {
    Gauge.builder(PREFIX + name, responder, value::applyAsLong)
        .description(description)
        .register(registry);
  }

  private synchronized void changed(ContainmentRecord record) {
    ContainmentRecord before = known.put(record.id(), record);
    if (before == null || before.state() != record.state()) {
      registry
          .counter(PREFIX + "containments", "state", text(record.state()), "policy", policy(record))
          .increment();
    }
    if (record.containNanos() >= 0 && (before == null || before.containNanos() < 0)) {
      containing.record(Duration.ofNanos(record.containNanos()));
    }
    for (int i = 0; i < record.steps().size(); i++) {
      ResponseStep step = record.steps().get(i);
      if (step.getState() != ResponseStep.State.OPEN
          && (before == null || before.steps().get(i).getState() != step.getState())) {
        registry
            .counter(
                PREFIX + "steps", "step", text(step.getAction()), "state", text(step.getState()))
            .increment();
      }
    }
  }

  private static String policy(ContainmentRecord record) {
    return record.policy().isEmpty() ? "none" : record.policy();
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void refresh() {
    Map<ContainmentState, Integer> counts = new EnumMap<>(ContainmentState.class);
    responder.records().forEach(record -> counts.merge(record.state(), 1, Integer::sum));
    List<Row<?>> rows = new ArrayList<>();
    for (ContainmentState state : ContainmentState.values()) {
      rows.add(Row.of(Tags.of("state", text(state)), counts.getOrDefault(state, 0)));
    }
    states.register(rows, true);
  }
}
