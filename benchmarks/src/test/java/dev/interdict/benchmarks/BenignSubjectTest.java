package dev.interdict.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BenignSubjectTest {
  static Iterable<String> cases() {
    return new BenignSubject().cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldHaveAScriptThatPreparesAndWorksForEachCase(String subcase) throws Exception {
    try (InputStream in = BenignSubject.class.getResourceAsStream("/benign/" + subcase + ".sh")) {
      assertThat(in).as(subcase).isNotNull();
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(script).startsWith("#!/bin/sh\n").contains("\n  prepare)").contains("\n  work)");
      assertThat(BenignSubject.PER_DAY).containsKey(subcase);
    }
  }
}
