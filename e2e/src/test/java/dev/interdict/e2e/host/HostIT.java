package dev.interdict.e2e.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interdict.e2e.EmulatedMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packages on a Debian of its own, whose first process is systemd, in an emulated machine that
 * is started twice: {@code ./interdict test --host} makes both and asks for it. What is done there
 * is {@code e2e/host/guest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostIT {
  private static final int MEMORY_MIB = 3072;

  /** The last before it goes down to start again. */
  private static final String LAST_OF_FIRST = "comes-back-interdict-responder";

  private final Map<String, String> steps = new LinkedHashMap<>();
  private Path folder;

  @BeforeAll
  void boot() throws Exception {
    String asked = System.getProperty("interdict.host");
    assumeTrue(asked != null, "only ./interdict test --host boots a host of its own");
    folder = Path.of(asked);
    run();
    if (steps.containsKey(LAST_OF_FIRST)) {
      run();
    }
  }

  private void run() throws IOException, InterruptedException {
    Path results = folder.resolve("results");
    new EmulatedMachine(
            folder.resolve("vmlinuz"),
            folder.resolve("initrd"),
            MEMORY_MIB,
            "root=/dev/vda rw systemd.show_status=0",
            List.of(
                "-drive",
                "file=" + folder.resolve("disk") + ",format=raw,if=virtio,cache=unsafe",
                "-device",
                "virtio-rng-pci"))
        .run(folder.resolve("console"), results);
    for (String line : Files.exists(results) ? Files.readAllLines(results) : List.<String>of()) {
      String[] words = line.strip().split(" ", 3); // ok STEP SECONDS, failed STEP WHY, complete
      steps.put(words[words.length == 1 ? 0 : 1], line.strip());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "install",
        "nothing-runs-yet",
        "standalone",
        "active",
        "sees-nodes",
        "records",
        "responds",
        "evidence",
        "released",
        "comes-back-interdict-backplane",
        "comes-back-interdict-agent",
        "comes-back-interdict-detection",
        "comes-back-interdict-responder",
        "active-after-the-reboot",
        "kept",
        "upgrade",
        "remove",
        "purge",
        "tar"
      })
  void shouldPass(String step) throws IOException {
    assertThat(steps.getOrDefault(step, "was not tried"))
        .as("%s%n%s", steps, console())
        .startsWith("ok " + step);
  }

  @Test
  void shouldComeToItsEnd() throws IOException {
    assertThat(steps).as(console()).containsKey("complete");
  }

  private String console() throws IOException {
    return EmulatedMachine.lastOf(folder.resolve("console"));
  }
}
