package dev.interdict.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopeFilterTest {
  private static final Event IN_POD =
      Event.newBuilder()
          .setTime(1)
          .setKind(Kind.EXEC)
          .setProcess(
              Process.newBuilder()
                  .setId(77)
                  .setExe("/usr/bin/curl")
                  .addAncestors(Ancestor.newBuilder().setId(76))
                  .addAncestors(Ancestor.newBuilder().setId(70))
                  .setContainer(
                      Container.newBuilder()
                          .setId("0123abcd")
                          .setName("web")
                          .setImage("registry.example/shop/web:1.2")
                          .setPod("web-5f")
                          .setNamespace("shop")))
          .build();
  private static final Event ON_HOST =
      Event.newBuilder()
          .setTime(1)
          .setKind(Kind.EXEC)
          .setProcess(Process.newBuilder().setId(9).setExe("/usr/bin/curl"))
          .build();

  private static boolean matches(Scope.Builder scope, Event event) {
    byte[] bytes = event.toByteArray();
    return new ScopeFilter(scope.build()).matches(bytes, 0, bytes.length);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "'', a, false",
    "abc, abc, true",
    "abc, abcd, false",
    "*, '', true",
    "*, anything/at/all, true",
    "/usr/*/curl, /usr/local/bin/curl, true",
    "/usr/*/curl, /usr/curl, false",
    "a?c, abc, true",
    "a?c, ac, false",
    "*a*b, xaxxab, true",
    "*a*b, xaxxabc, false",
    "**, x, true",
    "a*, b, false"
  })
  void shouldMatchGlobs(String glob, String text, boolean expected) {
    byte[] bytes = ("<<" + text + ">>").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(new Glob(glob).matches(bytes, 2, bytes.length - 4)).isEqualTo(expected);
  }

  @Test
  void shouldLetEverythingPassIfItIsEmpty() {
    assertThat(matches(Scope.newBuilder(), IN_POD)).isTrue();
    assertThat(matches(Scope.newBuilder(), ON_HOST)).isTrue();
  }

  @Test
  void shouldKnowAContainerByIdOrName() {
    assertThat(matches(Scope.newBuilder().addContainers("0123*"), IN_POD)).isTrue();
    assertThat(matches(Scope.newBuilder().addContainers("web"), IN_POD)).isTrue();
    assertThat(matches(Scope.newBuilder().addContainers("we"), IN_POD)).isFalse();
    assertThat(matches(Scope.newBuilder().addContainers("*"), ON_HOST)).isFalse();
  }

  @Test
  void shouldWantEveryListAndAnyOfItsEntries() {
    Scope.Builder scope =
        Scope.newBuilder()
            .addNamespaces("bank")
            .addNamespaces("shop")
            .addImages("*/web:*")
            .addPods("web-*")
            .addExes("/usr/bin/*");
    assertThat(matches(scope, IN_POD)).isTrue();
    assertThat(matches(scope, ON_HOST)).isFalse();
    assertThat(matches(scope.clone().addProcesses(1), IN_POD)).isFalse();
  }

  @Test
  void shouldTakeAProcessWithAllBelowIt() {
    assertThat(matches(Scope.newBuilder().addProcesses(77), IN_POD)).isTrue();
    assertThat(matches(Scope.newBuilder().addProcesses(5).addProcesses(70), IN_POD)).isTrue();
    assertThat(matches(Scope.newBuilder().addProcesses(70), ON_HOST)).isFalse();
  }

  @Test
  void shouldLetGapsAndTicksPass() {
    Scope.Builder scope = Scope.newBuilder().addPods("web-*");
    assertThat(matches(scope, Event.newBuilder().setTime(1).setKind(Kind.GAP).build())).isTrue();
    assertThat(matches(scope, Event.newBuilder().setTime(1).setKind(Kind.TICK).build())).isTrue();
  }

  @Test
  void shouldBoundWhatItIsGiven() {
    assertThatThrownBy(
            () ->
                new ScopeFilter(
                    Scope.newBuilder().addAllPods(Collections.nCopies(257, "x")).build()))
        .hasMessage("invalid length of scope.pods=257 limit=256");
    assertThatThrownBy(() -> new ScopeFilter(Scope.newBuilder().addExes("x".repeat(513)).build()))
        .hasMessage("invalid length of glob in scope.exes=513 limit=512");
  }
}
