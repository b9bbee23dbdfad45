package dev.interdict.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * From the kernel's event that completes an attack to the node's word that it is cut off and
 * frozen, while another process makes files: on this host the demo's own attacks, each a real
 * reverse shell out of a container of its own; on a Kubernetes of its own those out of pods.
 */
final class ContainmentSubject implements Subject {
  private static final int USUAL_ATTACKS = 200;
  private static final int BACKGROUND = 20_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public String name() {
    return "containment";
  }

  @Override
  public String about() {
    return "from the kernel's event to cut off and frozen, under background events";
  }

  @Override
  public List<String> cases() {
    return List.of("host", "cluster");
  }

  @Override
  public void measure(Table table, Settings settings) throws Exception {
    int attacks = settings.quick() ? 3 : settings.pairs(USUAL_ATTACKS);
    int rate = settings.quick() ? BACKGROUND / 10 : BACKGROUND;
    Path directory = Files.createTempDirectory("interdict-containment");
    try {
      if (settings.wants("host")) {
        onHost(table, directory, attacks, rate);
      }
      if (settings.wants("cluster")) {
        onCluster(table, directory, attacks, rate);
      }
    } finally {
      ThrowAway.delete(directory);
    }
    if (settings.quick()) {
      table.note("a quick run: its figures mean nothing");
    }
  }

  private static void onHost(Table table, Path directory, int attacks, int rate)
      throws IOException, InterruptedException {
    Process load = load(directory, rate);
    try {
      JsonNode result = attack(directory, attacks);
      double[] millis = new double[result.path("contain_ms_each").size()];
      for (int i = 0; i < millis.length; i++) {
        millis[i] = result.path("contain_ms_each").get(i).asDouble();
      }
      put(table, "host", millis);
      table.ours("host", "cold_ms", result.path("contain_ms_first").asDouble(), "ms");
      table.ours("host", "events", result.path("events").asLong(), "");
    } finally {
      load.destroy();
      load.waitFor();
    }
    table.note(
        "host: the demo's attack: a service in a container of its own is exploited, a reverse shell"
            + " reads credentials and runs what it dropped; the time is from the kernel's event"
            + " that completes the sequence to the node's confirmation, both by the node's clock");
    table.note(
        "host: meanwhile "
            + rate
            + " file operations a second by another process, of which equal ones are folded in the"
            + " kernel; sensor, recorder, backplane, Flink with the shipped rules, archive and"
            + " responder share one process and this host's "
            + processors());
  }

  private static void onCluster(Table table, Path directory, int attacks, int rate)
      throws IOException, InterruptedException {
    Path top = Path.of(System.getProperty("interdict.launcher")).getParent();
    if (ClusterAttacks.missing(top) != null) {
      table.note("cluster: not measured, " + ClusterAttacks.missing(top));
      return;
    }
    double[] millis = new double[attacks];
    double cold;
    try (ClusterAttacks cluster = ClusterAttacks.start(top, directory, rate)) {
      cold = cluster.attack();
      for (int i = 0; i < attacks; i++) {
        millis[i] = cluster.attack();
        System.err.printf("cluster: attack %d of %d: %.1f ms%n", i + 1, attacks, millis[i]);
      }
    }
    put(table, "cluster", millis);
    table.ours("cluster", "cold_ms", cold, "ms");
    table.note(
        "cluster: a reverse shell out of a pod that looks at the passwords; the chart with its"
            + " defaults (two backplanes, detection and archive as jobs of their own), a whole"
            + " Kubernetes, the attacked pods and one that makes "
            + rate
            + " file operations a second share this host's "
            + processors());
  }

  private static String processors() {
    return Runtime.getRuntime().availableProcessors() + " processors";
  }

  private static void put(Table table, String subcase, double[] millis) {
    Arrays.sort(millis);
    table.ours(subcase, "attacks", millis.length, "");
    table.ours(subcase, "p50_ms", percentile(millis, 50), "ms");
    table.ours(subcase, "p99_ms", percentile(millis, 99), "ms");
    table.ours(subcase, "longest_ms", percentile(millis, 100), "ms");
  }

  private static Process load(Path directory, int rate) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(
        List.of(
            BackgroundLoad.class.getName(),
            Files.createDirectory(directory.resolve("files")).toString(),
            Integer.toString(rate)));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static JsonNode attack(Path directory, int attacks)
      throws IOException, InterruptedException {
    File out = directory.resolve("demo.json").toFile();
    Process demo =
        new ProcessBuilder(
                System.getProperty("interdict.launcher"),
                "demo",
                "--json",
                "--attacks",
                Integer.toString(attacks))
            .redirectOutput(out)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int status = demo.waitFor();
    String said = Files.readString(out.toPath(), StandardCharsets.UTF_8).strip();
    if (status != 0 || said.isEmpty()) {
      throw new IOException("the demo ended with " + status + ": " + said);
    }
    return JSON.readTree(said.substring(said.lastIndexOf('\n') + 1));
  }

  /** By the nearest rank. */
  private static double percentile(double[] sorted, int percent) {
    int rank = (int) Math.ceil(sorted.length * percent / 100.0);
    return sorted[Math.max(0, rank - 1)];
  }
}
