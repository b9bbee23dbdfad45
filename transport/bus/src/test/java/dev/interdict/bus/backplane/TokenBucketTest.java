package dev.interdict.bus.backplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void shouldHoldTheRateOverTime() {
    TokenBucket bucket = new TokenBucket(1000, 0);
    long now = 0;
    long sent = 0;
    while (now < 100 * SECOND) {
      long pause = bucket.nanosToWait(now);
      if (pause == 0) {
        bucket.charge(70, now);
        sent += 70;
      }
      now += Math.max(pause, 1);
    }
    assertThat(sent).isBetween(99_900L, 100_300L);
  }

  @Test
  void shouldLetOneLargeFrameThroughAndWaitForIt() {
    TokenBucket bucket = new TokenBucket(1000, 0);
    bucket.charge(5000, 0);
    assertThat(bucket.nanosToWait(0)).isEqualTo(5 * SECOND - SECOND / 10);
    assertThat(bucket.nanosToWait(5 * SECOND)).isZero();
  }

  @Test
  void shouldNotSaveUpWhatWasNotUsed() {
    TokenBucket bucket = new TokenBucket(1000, 0);
    long later = 1000 * SECOND;
    bucket.charge(1000, later);
    assertThat(bucket.nanosToWait(later)).isEqualTo(SECOND - SECOND / 10);
  }

  @Test
  void shouldNeverWaitWithoutALimit() {
    TokenBucket bucket = new TokenBucket(0, 0);
    bucket.charge(1L << 40, 0);
    assertThat(bucket.nanosToWait(0)).isZero();
  }
}
