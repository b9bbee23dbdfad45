package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.interdict.cep.content.ContentTest;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatcherAllocationTest {
  private static final int ROUNDS = 2_000;

  /** A regular expression looks at a string: made only where the rest of its rule holds. */
  @Test
  void shouldAllocateNothingPerEventButForRegularExpressions() {
    RuleSet builtin = RuleSet.builtin();
    RuleSet content =
        RuleSet.of(
            builtin.files().stream()
                .filter(file -> !file.text().contains("|re"))
                .filter(file -> !file.text().contains("\nsequence:"))
                .filter(file -> !file.text().contains("\ncorrelation:"))
                .toList());
    assertThat(content.rules()).hasSizeGreaterThan(builtin.rules().size() / 3);
    List<byte[]> events =
        ContentTest.suite(builtin).tests().stream()
            .flatMap(test -> test.events().stream())
            .map(Event::toByteArray)
            .toList();
    Matcher matcher = content.newMatcher();
    EventView view = new EventView();
    Hits hits = new Hits();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long best = Long.MAX_VALUE;
    // The first rounds grow buffers and compile; a single allocation per event would show in all.
    for (int attempt = 0; attempt < 5; attempt++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < ROUNDS; i++) {
        byte[] event = events.get(i % events.size());
        matcher.match(view.wrap(event, 0, event.length), hits);
      }
      best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(best).as("bytes in %s events", ROUNDS).isLessThan(ROUNDS);
  }
}
