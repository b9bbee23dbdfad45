package dev.interdict.e2e.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
  private static final long SILENCE_MINUTES = 15;
  private static final int CONSOLE_SHOWN = 4000;

  private final Map<String, String> steps = new LinkedHashMap<>();
  private Path folder;

  @BeforeAll
  void boot() throws Exception {
    String asked = System.getProperty("interdict.host");
    assumeTrue(asked != null, "only ./interdict test --host boots a host of its own");
    folder = Path.of(asked);
    for (int i = 0; i < 2 && !steps.containsKey("complete"); i++) {
      run();
    }
  }

  /** Until it goes down, or says nothing for long. */
  private void run() throws IOException, InterruptedException {
    Path results = folder.resolve("results");
    Path console = folder.resolve("console");
    Files.deleteIfExists(results);
    Process machine =
        new ProcessBuilder(
                "qemu-system-x86_64",
                "-accel",
                "tcg,thread=single", // as for other kernels
                "-cpu",
                "max,-cx16",
                "-smp",
                "2",
                "-m",
                "3072",
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-serial",
                "file:" + console,
                "-serial",
                "file:" + results,
                "-drive",
                "file=" + folder.resolve("disk") + ",format=raw,if=virtio,cache=unsafe",
                "-device",
                "virtio-rng-pci",
                "-kernel",
                folder.resolve("vmlinuz").toString(),
                "-initrd",
                folder.resolve("initrd").toString(),
                "-append",
                "root=/dev/vda rw console=ttyS0 panic=-1 quiet mitigations=off no_timer_check"
                    + " systemd.show_status=0")
            .inheritIO()
            .start();
    try {
      long heard = System.nanoTime();
      long before = 0;
      while (!machine.waitFor(1, TimeUnit.SECONDS)) {
        long said = results.toFile().length() + console.toFile().length();
        if (said != before) {
          before = said;
          heard = System.nanoTime();
        } else if (System.nanoTime() - heard > TimeUnit.MINUTES.toNanos(SILENCE_MINUTES)) {
          break;
        }
      }
    } finally {
      machine.destroyForcibly().waitFor();
    }
    for (String line : Files.exists(results) ? Files.readAllLines(results) : List.<String>of()) {
      List<String> words = new ArrayList<>(List.of(line.strip().split(" ", 3)));
      if (words.size() > 1) {
        steps.put(words.get(1), line.strip());
      } else {
        steps.put(line.strip(), "");
      }
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
    Path console = folder.resolve("console");
    String said = Files.exists(console) ? Files.readString(console) : "nothing";
    return said.substring(Math.max(0, said.length() - CONSOLE_SHOWN));
  }
}
