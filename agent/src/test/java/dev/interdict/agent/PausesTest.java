package dev.interdict.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PausesTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long EPOCH = 1_700_000_000L * SECOND;

  private final Pauses pauses = new Pauses(SECOND);
  private final List<String> told = new ArrayList<>();
  private long monotonic = 100 * SECOND;
  private long boot = 150 * SECOND;
  private long real = EPOCH;

  @BeforeEach
  void begin() {
    observe();
  }

  @Test
  void shouldBeSilentWhileTimeGoesOn() {
    for (int i = 0; i < 100; i++) {
      pass(SECOND + i * SECOND / 50); // up to 3 s: a busy host
      real += SECOND / 100; // it is slewed
      observe();
    }
    assertThat(told).isEmpty();
  }

  @Test
  void shouldTellThatItDidNotRun() {
    pass(61 * SECOND);
    observe();
    assertThat(told)
        .containsExactly(
            "agent stopped did not run for 61.000 s between 2023-11-14T22:13:20Z and"
                + " 2023-11-14T22:14:21Z");
  }

  @Test
  void shouldTellASuspendFromAStop() {
    pass(SECOND);
    boot += 3600 * SECOND;
    real += 3600 * SECOND;
    observe();
    assertThat(told)
        .containsExactly(
            "agent suspended with the host for 3600.000 s between 2023-11-14T22:13:20Z and"
                + " 2023-11-14T23:13:21Z");
  }

  @Test
  void shouldTellAStepOfTheClock() {
    pass(SECOND);
    real -= 86_400 * SECOND;
    observe();
    assertThat(told)
        .containsExactly(
            "clock stepped by -86400.000 s, from 2023-11-14T22:13:21Z to 2023-11-13T22:13:21Z");
    pass(SECOND);
    observe();
    assertThat(told).hasSize(1);
  }

  private void pass(long nanos) {
    monotonic += nanos;
    boot += nanos;
    real += nanos;
  }

  private void observe() {
    pauses.observe(
        monotonic,
        boot,
        real,
        (component, state, detail) -> told.add(component + " " + state + " " + detail));
  }
}
