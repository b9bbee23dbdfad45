package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchlistTest {
  private static boolean matches(String pattern, String path) {
    byte[] bytes = ("__" + path).getBytes(StandardCharsets.UTF_8);
    return new Watchlist(List.of("/never", pattern)).matches(bytes, 2, bytes.length - 2);
  }

  @Test
  void shouldCompareTheWholePath() {
    assertThat(matches("/etc/shadow", "/etc/shadow")).isTrue();
    assertThat(matches("/etc/shadow", "/etc/shadow-")).isFalse();
    assertThat(matches("/etc/shadow", "/x/etc/shadow")).isFalse();
    assertThat(matches("*/.ssh/*", "/home/u/.ssh/id_rsa")).isTrue();
    assertThat(matches("*/.ssh/*", "/home/u/ssh/id_rsa")).isFalse();
    assertThat(matches("*/a/*/token", "/x/a/b/a/c/token")).isTrue();
    assertThat(matches("*/a/*/token", "/x/a/b/token.d")).isFalse();
  }

  @Test
  void shouldRefuseAPatternThatTheKernelCannotLookUp() {
    assertThatThrownBy(() -> new Watchlist(List.of("/home/*/id_*")))
        .hasMessageContaining("/home/*/id_*");
    assertThatThrownBy(() -> new Watchlist(List.of("/run/secrets/*/*")))
        .hasMessageContaining("invalid watched path=");
  }

  @Test
  void shouldAcceptEveryDefault() {
    assertThat(new Watchlist(SensorConfig.SENSITIVE)).isNotNull();
  }
}
