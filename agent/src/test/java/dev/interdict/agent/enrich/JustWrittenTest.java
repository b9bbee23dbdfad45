package dev.interdict.agent.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JustWrittenTest {
  private static final long MINUTE = 60_000_000_000L;
  private final JustWritten written = new JustWritten(4);

  @Test
  void shouldNameTheLastWriterOfTheSameFileOnly() {
    written.written(JustWritten.key(1, 100), 7, 0);
    written.written(JustWritten.key(1, 100), 8, MINUTE);
    assertThat(written.writer(JustWritten.key(1, 100), 2 * MINUTE)).isEqualTo(8);
    assertThat(written.writer(JustWritten.key(2, 100), 2 * MINUTE)).isZero();
    assertThat(written.writer(JustWritten.key(1, 101), 2 * MINUTE)).isZero();
  }

  @Test
  void shouldForgetAfterTenMinutes() {
    written.written(JustWritten.key(1, 100), 7, MINUTE);
    assertThat(written.writer(JustWritten.key(1, 100), 11 * MINUTE)).isEqualTo(7);
    assertThat(written.writer(JustWritten.key(1, 100), 11 * MINUTE + 1)).isZero();
  }

  @Test
  void shouldForgetTheLongestAgoWhenFull() {
    written.written(JustWritten.key(1, 1), 7, 0);
    written.written(JustWritten.key(1, 2), 7, 0);
    written.written(JustWritten.key(1, 1), 8, 0); // again: now younger than 2
    written.written(JustWritten.key(1, 3), 7, 0);
    written.written(JustWritten.key(1, 4), 7, 0); // where 1 was first
    written.written(JustWritten.key(1, 5), 7, 0); // where 2 was
    assertThat(written.writer(JustWritten.key(1, 1), 0)).isEqualTo(8);
    assertThat(written.writer(JustWritten.key(1, 2), 0)).isZero();
    assertThat(written.writer(JustWritten.key(1, 5), 0)).isEqualTo(7);
  }
}
