package dev.interdict.jobs.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.TestRules;
import dev.interdict.record.NodeId;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

/** All join keys of a node are one key of Flink's; its state must not become one long list. */
class JoinKeyCostTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final NodeId NODE = new NodeId(1, 2);
  private static final RuleSet RULES =
      TestRules.of("a", "b", "c").sequence("abc", "1h", "rule: a", "rule: b", "rule: c").build();
  private static final int EVENTS = 2_000;
  private static final int ROUNDS = 7;

  /**
   * A list of 100,000 would make an event cost a hundred times as much and more; what remains
   * between the two are misses of the processor's caches.
   */
  @Test
  void shouldCostTheSameWithAHundredThousandJoinKeysOnOneNode() throws IOException {
    cost(1_000); // so that both are measured compiled
    double few = cost(1_000);
    double many = cost(100_000);
    assertThat(many / few).as("few=%.0f ns many=%.0f ns", few, many).isLessThan(10);
  }

  /** Processor time of an event that moves a partial match on, in the best of several rounds. */
  private static double cost(int keys) throws IOException {
    try (RecordedDetection detection = new RecordedDetection(RULES, false, alert -> {})) {
      long sequence = 0;
      for (int key = 0; key < keys; key++) {
        detection.process(TestRules.at(NODE, ++sequence, TestRules.exec("a", "box" + key, 0)));
      }
      assertThat(detection.openKeys()).isEqualTo(keys);
      double best = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        long spent = 0;
        for (int i = 0; i < EVENTS; i++) {
          int key = (int) ((round * EVENTS + i) * 7919L % keys);
          var event = TestRules.at(NODE, ++sequence, TestRules.exec("b", "box" + key, 1));
          long before = THREADS.getCurrentThreadCpuTime();
          detection.process(event);
          spent += THREADS.getCurrentThreadCpuTime() - before;
        }
        best = Math.min(best, (double) spent / EVENTS);
      }
      return best;
    }
  }
}
