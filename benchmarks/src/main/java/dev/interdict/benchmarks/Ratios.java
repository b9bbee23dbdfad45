package dev.interdict.benchmarks;

import java.util.Arrays;
import java.util.Random;

/** Medians of few and noisy measurements, and how far to trust them. */
final class Ratios {
  private static final int RESAMPLES = 10_000;
  private static final long SEED = 42; // the same numbers give the same interval

  /** 95 in 100 of the medians of what might have been measured instead lie in it. */
  record Interval(double low, double high) {}

  private Ratios() {}

  static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /** Between the two nearest values in proportion; NaN of nothing. */
  static double quantile(double[] values, double part) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double place = part * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  /** Percentile bootstrap of the median. */
  static Interval interval(double[] values) {
    Random random = new Random(SEED);
    double[] medians = new double[RESAMPLES];
    double[] sample = new double[values.length];
    for (int i = 0; i < RESAMPLES; i++) {
      for (int k = 0; k < sample.length; k++) {
        sample[k] = values[random.nextInt(values.length)];
      }
      medians[i] = median(sample);
    }
    return new Interval(quantile(medians, 0.025), quantile(medians, 0.975));
  }
}
