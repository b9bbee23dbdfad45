package dev.interdict.e2e.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The sensor and the network cut on other kernels than this one, each booted in an emulated
 * machine: what {@code interdict agent probe} says there, and the agent's own tests. {@code
 * ./interdict test --kernels} fetches the kernels and asks for it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KernelsIT {
  private static final List<String> TESTS =
      List.of(
          "dev.interdict.agent.kernel.SensorIT",
          "dev.interdict.agent.kernel.FileKindsIT",
          "dev.interdict.agent.kernel.IoUringIT",
          "dev.interdict.agent.kernel.NetworkKindsIT",
          "dev.interdict.agent.kernel.PrivilegeKindsIT",
          "dev.interdict.agent.command.ContainmentIT#shouldFreezeAndThaw",
          "dev.interdict.agent.command.ContainmentIT#shouldCutAConnectionThatStoodBefore",
          "dev.interdict.agent.command.ContainmentIT#shouldDestroyASocketThatWasMadeOutside",
          "dev.interdict.cli.AgentCommandIT#shouldPrintWhatIsExecutedUntilItHasSeenEnough");

  /** What no agent needs: two thirds of the class path. */
  private static final List<String> LEFT_OUT =
      List.of("flink", "duckdb", "parquet", "archunit", "hadoop", "kubernetes", "rocksdb");

  private static final int AT_ONCE = 2;

  /** Beginnings of releases, such as 5.10; all kernels where there are none. */
  private static final List<String> ONLY = property("interdict.kernels.only");

  private static final Path TOP = Path.of("").toAbsolutePath().getParent();

  /** Of all of TESTS those whose class is asked for. */
  private final List<String> tests = new ArrayList<>(TESTS);

  private final List<Guest> guests = new ArrayList<>();

  /** What the command says on each kernel by its release, this machine's included. */
  private final Map<String, JsonNode> probes = new LinkedHashMap<>();

  @BeforeAll
  void boot() throws Exception {
    String asked = System.getProperty("interdict.kernels");
    assumeTrue(asked != null, "only ./interdict test --kernels boots other kernels");
    Path kernels = Path.of(asked).toAbsolutePath();
    List<String> classes = property("interdict.kernels.tests");
    tests.removeIf(test -> !classes.isEmpty() && !classes.contains(simpleName(test)));
    assertThat(tests).as("tests of %s among %s", classes, TESTS).isNotEmpty();
    List<Path> found;
    try (Stream<Path> folders = Files.list(kernels)) {
      found =
          folders
              .filter(folder -> Files.exists(folder.resolve("fetched")))
              .filter(folder -> isAsked(folder.getFileName().toString()))
              .sorted()
              .toList();
    }
    assertThat(found).as("kernels %s in %s", ONLY, kernels).isNotEmpty();
    Path image = kernels.resolve("image");
    pack(image, kernels);
    ExecutorService booting = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Callable<Guest>> boots = new ArrayList<>();
      found.forEach(kernel -> boots.add(() -> Guest.boot(kernel, image)));
      for (Future<Guest> boot : booting.invokeAll(boots)) {
        guests.add(boot.get());
      }
    } finally {
      booting.shutdownNow();
    }
    guests.forEach(guest -> probes.put(guest.release(), guest.probe()));
    probes.put(System.getProperty("os.version"), InGuest.probe());
  }

  /** Its comma separated values; none where it is not set. */
  private static List<String> property(String name) {
    return Stream.of(System.getProperty(name, "").split(","))
        .filter(value -> !value.isEmpty())
        .toList();
  }

  private static boolean isAsked(String release) {
    return ONLY.isEmpty() || ONLY.stream().anyMatch(only -> (release + ".").startsWith(only + "."));
  }

  /** The class of one of TESTS. */
  private static String simpleName(String test) {
    return test.replaceFirst("#.*", "").replaceFirst(".*\\.", "");
  }

  private void pack(Path image, Path kernels) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(TOP.resolve("e2e/kernels/image").toString());
    command.add(image.toString());
    command.add(TOP.resolve("agent").toString());
    command.add(kernels.toString());
    command.add(
        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m "
            + "--add-opens=java.base/java.nio=ALL-UNNAMED "
            + InGuest.class.getName()
            + " /dev/ttyS1 "
            + String.join(" ", tests));
    for (String module : List.of("agent", "cli")) {
      command.add(TOP.resolve(module).resolve("target/test-classes").toString());
    }
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (LEFT_OUT.stream().noneMatch(entry::contains) && Files.exists(Path.of(entry))) {
        command.add(entry);
      }
    }
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    assertThat(builder.start().waitFor()).as("exit status of %s", command.get(0)).isZero();
  }

  List<Guest> guests() {
    return guests;
  }

  @ParameterizedTest
  @MethodSource("guests")
  void shouldSeeEveryKindOnThisKernel(Guest guest) {
    assertThat(guest.probe().isArray()).as("%s%n%s", guest.probe(), guest.console()).isTrue();
    Set<String> kinds = new TreeSet<>();
    Set<String> seen = new TreeSet<>();
    for (JsonNode row : guest.probe()) {
      kinds.add(row.get("kind").asText());
      if (isAttached(row)) {
        seen.add(row.get("kind").asText());
      }
    }
    assertThat(seen).as(guest.probe().toPrettyString()).isEqualTo(kinds).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("guests")
  void shouldPassTheAgentsTestsOnThisKernel(Guest guest) {
    assertThat(guest.tests("failed")).as(guest.console()).isEmpty();
    assertThat(guest.complete()).as("it ran to its end: %s", guest.console()).isTrue();
    for (String test : tests) {
      assertThat(guest.tests("passed"))
          .anyMatch(name -> name.startsWith(test.substring(test.lastIndexOf('.') + 1)));
    }
  }

  @Test
  void shouldHaveLoadedEveryHookSomewhere() {
    assumeTrue(ONLY.isEmpty(), "some hooks are for kernels that were not asked for");
    Map<String, Map<String, JsonNode>> hooks = hooks();
    assertThat(hooks).isNotEmpty();
    hooks.values().removeIf(by -> by.values().stream().anyMatch(KernelsIT::isAttached));
    assertThat(hooks).as("hooks that no kernel took").isEmpty();
  }

  private static boolean isAttached(JsonNode row) {
    return row.get("state").asText().equals("attached");
  }

  /**
   * Of each hook what each kernel said: kind and hook, release, row. Of a hook in several variants,
   * each for other kernels, the one that is attached.
   */
  private Map<String, Map<String, JsonNode>> hooks() {
    Map<String, Map<String, JsonNode>> hooks = new LinkedHashMap<>();
    probes.forEach(
        (release, probe) ->
            probe.forEach(
                row ->
                    hooks
                        .computeIfAbsent(
                            String.format(
                                "%-9s %s", row.get("kind").asText(), row.get("hook").asText()),
                            key -> new LinkedHashMap<>())
                        .merge(release, row, (one, other) -> isAttached(one) ? one : other)));
    return hooks;
  }

  @AfterAll
  void report() throws IOException {
    if (guests.isEmpty()) {
      return;
    }
    StringBuilder report = new StringBuilder(String.format("%-42s", "KIND      HOOK"));
    StringBuilder reasons = new StringBuilder();
    probes.keySet().forEach(release -> report.append(String.format(" %-8.8s", release)));
    hooks()
        .forEach(
            (hook, by) -> {
              report.append(String.format("%n%-42s", hook));
              for (String release : probes.keySet()) {
                JsonNode row = by.get(release);
                boolean attached = row != null && isAttached(row);
                report.append(String.format(" %-8s", row == null ? "?" : attached ? "yes" : "no"));
                if (row != null && !attached) {
                  String reason = row.get("reason").asText();
                  reasons.append(String.format("%s on %s: %s%n", hook, release, reason));
                }
              }
            });
    report.append(String.format("%n%s", reasons));
    for (Guest guest : guests) {
      report.append(
          String.format(
              "%s: %d of the agent's tests passed, %d failed, %d were skipped%n",
              guest.release(),
              guest.tests("passed").size(),
              guest.tests("failed").size(),
              guest.tests("skipped").size()));
      guest.tests("skipped").forEach(test -> report.append(String.format("  %s%n", test)));
    }
    Files.writeString(Path.of(System.getProperty("interdict.kernels"), "report"), report);
  }
}
