package dev.interdict.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RatiosTest {
  @Test
  void shouldTakeTheMiddleOfOddAndTheMeanOfTheTwoMiddleOnesOfEven() {
    assertThat(Ratios.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(Ratios.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    assertThat(Ratios.median(new double[] {})).isNaN();
  }

  @Test
  void shouldHoldTheTrueMedianInNearlyEveryInterval() {
    Random random = new Random(7);
    int held = 0;
    for (int i = 0; i < 100; i++) {
      double[] noisy = random.doubles(15).map(value -> 1 + (value - 0.5) / 10).toArray();
      Ratios.Interval interval = Ratios.interval(noisy);
      held += interval.low() <= 1 && 1 <= interval.high() ? 1 : 0;
    }
    assertThat(held).isBetween(88, 100);
  }

  @Test
  void shouldGiveANarrowerIntervalOfMoreMeasurements() {
    double[] few = new Random(7).doubles(5).toArray();
    double[] many = new Random(7).doubles(500).toArray();
    assertThat(width(many)).isLessThan(width(few) / 2);
  }

  @Test
  void shouldGiveTheSameIntervalOfTheSameMeasurements() {
    double[] values = new Random(7).doubles(15).toArray();
    assertThat(Ratios.interval(values)).isEqualTo(Ratios.interval(values.clone()));
  }

  @Test
  void shouldNotSortWhatItWasGiven() {
    double[] values = {3, 1, 2};
    Ratios.interval(values);
    assertThat(Arrays.equals(values, new double[] {3, 1, 2})).isTrue();
    assertThat(Ratios.quantile(values, 0.25)).isEqualTo(1.5, within(1e-9));
  }

  private static double width(double[] values) {
    Ratios.Interval interval = Ratios.interval(values);
    return interval.high() - interval.low();
  }
}
