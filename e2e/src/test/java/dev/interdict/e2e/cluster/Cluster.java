package dev.interdict.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code e2e/cluster}, as a person would call it. */
public final class Cluster {
  public static final Path TOP = Path.of("").toAbsolutePath().getParent();
  static final String NAMESPACE = "interdict";
  private static final long LIMIT_MINUTES = 50; // the first one builds Kubernetes

  /** What a program said and how it ended. */
  record Outcome(int status, String out) {
    boolean ok() {
      return status == 0;
    }
  }

  private Cluster() {}

  /** Where {@code e2e/cluster} keeps what it needs while it is up. */
  public static Path state() {
    return Path.of(
        System.getenv().getOrDefault("INTERDICT_CLUSTER_DIR", "/var/tmp/interdict-cluster"));
  }

  /** What this machine lacks for one; empty if nothing. */
  private static String missing() throws IOException, InterruptedException {
    return String.join(", ", run("missing").out().lines().toList());
  }

  /** Skips the test, with the reason, where no cluster is asked for or can be had. */
  public static void assumeWanted() throws IOException, InterruptedException {
    boolean wanted = Boolean.getBoolean("interdict.cluster");
    assumeTrue(wanted, "only ./interdict test --cluster brings a Kubernetes up");
    String obstacle = System.getProperty("interdict.cluster.obstacle", "");
    assumeTrue(obstacle.isEmpty(), obstacle);
    String missing = missing();
    assumeTrue(missing.isEmpty(), "missing: " + missing);
  }

  public static void up(int nodes) throws IOException, InterruptedException {
    must("up", "--nodes", Integer.toString(nodes));
  }

  /** The chart, or its upgrade; the arguments are Helm's. */
  static void install(String... arguments) throws IOException, InterruptedException {
    must(with(List.of("install"), arguments));
  }

  public static void down() throws IOException, InterruptedException {
    must("down");
  }

  static String helm(String... arguments) throws IOException, InterruptedException {
    return must(with(List.of("helm", "-n", NAMESPACE), arguments));
  }

  /** Each object names its own namespace. */
  static void apply(Path file) throws IOException, InterruptedException {
    must("kubectl", "apply", "-f", file.toString());
  }

  static String kubectl(String... arguments) throws IOException, InterruptedException {
    return must(with(List.of("kubectl", "-n", NAMESPACE), arguments));
  }

  /** For what may fail, or is asked again and again. */
  static Outcome tryKubectl(String... arguments) {
    try {
      return run(with(List.of("kubectl", "-n", NAMESPACE), arguments));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** An {@code interdict} command in a pod that runs. */
  static Outcome interdict(String workload, String... arguments) {
    return tryKubectl(
        with(
            List.of(
                "exec",
                workload,
                "--",
                "/opt/java/bin/java",
                "@/opt/interdict/classpath",
                "@/opt/interdict/jvm/opens",
                "@/opt/interdict/jvm/default",
                "dev.interdict.cli.Interdict"),
            arguments));
  }

  private static String[] with(List<String> first, String... more) {
    return Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new);
  }

  private static String must(String... arguments) throws IOException, InterruptedException {
    Outcome outcome = run(arguments);
    assertThat(outcome.status())
        .as("e2e/cluster %s%n%s", String.join(" ", arguments), outcome.out())
        .isZero();
    return outcome.out();
  }

  private static Outcome run(String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile("cluster", ".out");
    try {
      Process process =
          new ProcessBuilder(with(List.of(TOP.resolve("e2e/cluster").toString()), arguments))
              .redirectOutput(out.toFile())
              .redirectError(
                  arguments[0].equals("kubectl")
                      ? ProcessBuilder.Redirect.appendTo(out.toFile())
                      : ProcessBuilder.Redirect.INHERIT)
              .start();
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("e2e/cluster " + String.join(" ", arguments) + " did not end");
      }
      return new Outcome(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
    } finally {
      Files.delete(out);
    }
  }
}
