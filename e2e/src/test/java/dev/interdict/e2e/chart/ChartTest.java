package dev.interdict.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chart as Helm's own engine renders it. After a wanted change: {@code ./interdict test e2e --
 * -Dtest=ChartTest -Dinterdict.golden=write}, and look at the difference.
 */
final class ChartTest {
  private static final Path TOP = Path.of("").toAbsolutePath().getParent();
  private static final Path CHART = TOP.resolve("helm/interdict");
  private static final Path GOLDEN = TOP.resolve("e2e/src/test/golden/chart");
  // An authority of the chart's is another each time.
  private static final Pattern SECRETS =
      Pattern.compile(
          "(tls\\.(?:crt|key): )\\S+|-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----",
          Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"default", "several-nodes", "operators"})
  void shouldRenderAsBefore(String configuration) throws IOException {
    String rendered =
        SECRETS.matcher(render(configuration)).replaceAll(found -> redacted(found.group(1)));
    Path golden = GOLDEN.resolve(configuration + ".yaml");
    if ("write".equals(System.getProperty("interdict.golden"))) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, rendered);
    }
    assertThat(rendered).isEqualTo(Files.readString(golden));
  }

  private static String redacted(String key) {
    return key == null ? "CERTIFICATE" : Matcher.quoteReplacement(key + "BASE64");
  }

  private static String render(String configuration) {
    return new Helm(CHART)
        .template()
        .withName("interdict")
        .withNamespace("interdict")
        .withKubeVersion("1.36.0")
        .withValuesFile(CHART.resolve("ci/" + configuration + "-values.yaml"))
        .call();
  }

  @Test
  void shouldPassHelmsOwnChecks() {
    LintResult result = new Helm(CHART).lint().strict().call();
    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @Test
  void shouldGiveTheAgentTheCapabilitiesOfTheOneListAndNoOthers() throws IOException {
    Set<String> needed = new TreeSet<>();
    Path list = TOP.resolve("agent/src/main/resources/dev/interdict/agent/kernel/capabilities");
    for (String line : Files.readAllLines(list)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        needed.add(line.substring(0, line.indexOf(' ')).toUpperCase(Locale.ROOT));
      }
    }
    Matcher added = Pattern.compile("add: \\[([A-Z_, ]+)]").matcher(render("default"));
    assertThat(added.find()).isTrue();
    assertThat(new TreeSet<>(List.of(added.group(1).split(", ", -1)))).isEqualTo(needed);
    assertThat(added.find()).as("capabilities of any other container").isFalse();
    assertThat(render("default")).doesNotContain("privileged: true");
  }

  @Test
  void shouldRefuseAValueThatItDoesNotKnow() {
    assertThatThrownBy(() -> new Helm(CHART).template().set("backplane.replica", 3).call())
        .hasMessageContaining("replica");
    assertThatThrownBy(() -> new Helm(CHART).template().set("certificates.source", "none").call())
        .hasMessageContaining("certificates/source");
  }
}
