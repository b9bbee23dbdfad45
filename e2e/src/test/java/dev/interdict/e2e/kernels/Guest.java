package dev.interdict.e2e.kernels;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.interdict.e2e.EmulatedMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What one kernel said, booted in an emulated machine. */
record Guest(
    String release, JsonNode probe, List<JsonNode> tests, boolean complete, String console) {
  private static final int MEMORY_MIB = 1536;

  static Guest boot(Path kernel, Path image) throws IOException, InterruptedException {
    Path console = kernel.resolve("console");
    Path results = kernel.resolve("results");
    new EmulatedMachine(kernel.resolve("vmlinuz"), image, MEMORY_MIB, "", List.of())
        .run(console, results);
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
    return new Guest(release, probe, tests, complete, EmulatedMachine.lastOf(console));
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
