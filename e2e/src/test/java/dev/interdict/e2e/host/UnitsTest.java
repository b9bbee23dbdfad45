package dev.interdict.e2e.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the systemd units promise. */
final class UnitsTest {
  private static final Path TOP = Path.of("").toAbsolutePath().getParent();
  private static final Path HOST = TOP.resolve("packaging/src/main/host");

  @Test
  void shouldGiveTheAgentTheCapabilitiesOfTheOneListAndNoOthers() throws IOException {
    Set<String> needed = new TreeSet<>();
    for (String line :
        Files.readAllLines(
            TOP.resolve("agent/src/main/resources/dev/interdict/agent/kernel/capabilities"))) {
      if (!line.startsWith("#") && !line.isBlank()) {
        needed.add("CAP_" + line.substring(0, line.indexOf(' ')).toUpperCase(Locale.ROOT));
      }
    }
    String bounding =
        setting(HOST.resolve("agent/interdict-agent.service"), "CapabilityBoundingSet");
    assertThat(new TreeSet<>(Arrays.asList(bounding.split(" ", -1)))).isEqualTo(needed);
  }

  @Test
  void shouldGiveTheServersNone() throws IOException {
    try (Stream<Path> units = Files.list(HOST.resolve("server"))) {
      for (Path unit : units.filter(file -> file.toString().endsWith(".service")).toList()) {
        assertThat(setting(unit, "CapabilityBoundingSet")).as("%s", unit).isEmpty();
        assertThat(setting(unit, "User")).isEqualTo("interdict");
        assertThat(setting(unit, "NoNewPrivileges")).isEqualTo("yes");
      }
    }
  }

  private static String setting(Path unit, String name) throws IOException {
    return Files.readAllLines(unit).stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }
}
