package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupScopeTest {

  @Test
  void shouldCoverWhatIsAtOrBelowIt() {
    assertThat(CgroupScope.HOST.covers("/")).isTrue();
    assertThat(CgroupScope.HOST.covers("/a/b")).isTrue();
    CgroupScope slice = new CgroupScope("/a/b");
    assertThat(slice.covers("/a/b")).isTrue();
    assertThat(slice.covers("/a/b/c")).isTrue();
    assertThat(slice.covers("/a/bc")).isFalse();
    assertThat(slice.covers("/a")).isFalse();
    assertThat(slice.covers("/")).isFalse();
    CgroupScope open = new CgroupScope("/demo-*");
    assertThat(open.covers("/demo-1/inner")).isTrue();
    assertThat(open.covers("/demo")).isFalse();
    assertThat(open.covers("/")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/, /a, true",
    "/, /a*, true",
    "/a, /a/b, true",
    "/a, /b, false",
    "/a, /ab, false",
    "/a*, /ab/c, true",
    "/a*, /b*, false",
    "/a*, /ab*, true",
    "/ab*, /a, false",
    "/a/b*, /a, true",
    "/a, /a, true"
  })
  void shouldKnowWhichOverlap(String one, String other, boolean overlap) {
    assertThat(new CgroupScope(one).overlaps(new CgroupScope(other))).isEqualTo(overlap);
    assertThat(new CgroupScope(other).overlaps(new CgroupScope(one))).isEqualTo(overlap);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "/a/", "/a/../b", "/a/.", "//a", "/a*b", "/a\nb"})
  void shouldRefuseWhatIsNoPath(String text) {
    assertThatThrownBy(() -> new CgroupScope(text)).hasMessageContaining("cgroup scope=" + text);
  }
}
