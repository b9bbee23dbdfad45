package dev.interdict.e2e.kernels;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What one kernel said, booted in an emulated machine. */
record Guest(
    String release, JsonNode probe, List<JsonNode> tests, boolean complete, String console) {
  /**
   * How long it may say nothing: an emulated machine has no speed that a limit on the whole could
   * be made from, but one test is soon over. Most takes what is before the first: boot and probe.
   */
  private static final Duration SILENCE = Duration.ofMinutes(15);

  private static final int CONSOLE_SHOWN = 4000;

  /** KVM is never asked for: it is absent where continuous integration runs. */
  static Guest boot(Path kernel, Path image) throws IOException, InterruptedException {
    Path console = kernel.resolve("console");
    Path results = kernel.resolve("results");
    Files.deleteIfExists(results);
    Process machine =
        new ProcessBuilder(
                List.of(
                    "qemu-system-x86_64",
                    "-accel",
                    // With a thread for each CPU one may still run code that another has changed:
                    // a kernel that attaches to its functions meets a breakpoint that is gone.
                    "tcg,thread=single",
                    "-cpu",
                    "max,-cx16", // QEMU 7.2 returns from cmpxchg16b with broken flags
                    "-smp",
                    "2",
                    "-m",
                    "1536",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-no-reboot",
                    "-serial",
                    "file:" + console,
                    "-serial",
                    "file:" + results,
                    "-kernel",
                    kernel.resolve("vmlinuz").toString(),
                    "-initrd",
                    image.toString(),
                    "-append",
                    // Where the host is busy the emulated timer is late, which a kernel takes for
                    // broken.
                    "console=ttyS0 panic=-1 quiet mitigations=off no_timer_check"))
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
        } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
          break;
        }
      }
    } finally {
      machine.destroyForcibly().waitFor();
    }
    return read(kernel, results, console);
  }

  private static Guest read(Path kernel, Path results, Path console) throws IOException {
    ObjectMapper json = new ObjectMapper();
    String release = kernel.getFileName().toString();
    JsonNode probe = MissingNode.getInstance();
    List<JsonNode> tests = new ArrayList<>();
    boolean complete = false;
    for (String text : Files.exists(results) ? Files.readAllLines(results) : List.<String>of()) {
      if (!text.endsWith("}")) {
        continue; // broken off: then it is not complete either
      }
      JsonNode line = json.readTree(text);
      release = line.path("release").asText(release);
      if (line.has("probe")) {
        probe = line.get("probe");
      } else if (line.has("test")) {
        tests.add(line);
      }
      complete |= line.has("complete");
    }
    String said = Files.exists(console) ? Files.readString(console) : "nothing";
    return new Guest(
        release,
        probe,
        tests,
        complete,
        said.substring(Math.max(0, said.length() - CONSOLE_SHOWN)));
  }

  List<String> tests(String state) {
    return tests.stream()
        .filter(test -> test.get("state").asText().equals(state))
        .map(test -> test.get("test").asText() + ": " + test.get("reason").asText())
        .toList();
  }

  @Override
  public String toString() {
    return release;
  }
}
