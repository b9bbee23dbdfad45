package dev.interdict.e2e.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent's package with the real dpkg, in a root of its own that has a shell and little else:
 * installed, upgraded, removed, purged. {@code ./interdict packages} makes it, {@code
 * -Dinterdict.packages} names the folder.
 */
final class PackagesIT {
  private static final String CERTIFICATE = "etc/interdict/agent/cert.pem";
  private static final String RECORD = "var/lib/interdict/agent/recorder/node";
  private static final String DEFAULTS = "etc/default/interdict-agent";
  private static final String JAVA = "opt/interdict-agent/java/bin/java";

  @TempDir Path root;
  private Path packages;

  @BeforeEach
  void makeRoot() throws Exception {
    String asked = System.getProperty("interdict.packages");
    assumeTrue(asked != null, "only with -Dinterdict.packages=FOLDER of ./interdict packages");
    assumeTrue("root".equals(System.getProperty("user.name")), "not root");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg")), "no dpkg");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/busybox")), "no busybox");
    packages = Path.of(asked);
    for (String folder : List.of("bin", "dev", "var/lib/dpkg/info", "var/lib/dpkg/updates")) {
      Files.createDirectories(root.resolve(folder));
    }
    Files.createFile(root.resolve("dev/null")); // as good as the device for what scripts say
    Files.createFile(root.resolve("var/lib/dpkg/status"));
    Files.createFile(root.resolve("var/lib/dpkg/available"));
    Files.copy(Path.of("/usr/bin/busybox"), root.resolve("bin/busybox"));
    for (String program : List.of("sh", "mkdir", "rm", "rmdir", "id")) {
      Files.createSymbolicLink(root.resolve("bin").resolve(program), Path.of("busybox"));
    }
  }

  private String dpkg(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "dpkg",
                "--root=" + root,
                "--force-depends",
                "--force-confold",
                "--log=" + root.resolve("log")));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s%n%s", command, said).isZero();
    return said;
  }

  private Path agent() throws IOException {
    try (Stream<Path> files = Files.list(packages)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("interdict-agent_"))
          .filter(file -> file.toString().endsWith(".deb"))
          .findFirst()
          .orElseThrow();
    }
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }

  @Test
  void shouldInstallUpgradeAndRemoveAndKeepWhatIsNotItsOwn() throws Exception {
    dpkg("--install", agent().toString());
    assertThat(root.resolve(JAVA)).isExecutable();
    assertThat(root.resolve("lib/systemd/system/interdict-agent.service")).isRegularFile();
    assertThat(root.resolve("usr/bin/interdict-agent")).isExecutable();
    write(CERTIFICATE, "certificate");
    write(RECORD, "node");
    write(DEFAULTS, "INTERDICT_BACKPLANES=b1:7400\n");

    assertThat(dpkg("--install", agent().toString())).contains("interdict-agent");
    assertThat(root.resolve(DEFAULTS)).hasContent("INTERDICT_BACKPLANES=b1:7400");

    dpkg("--remove", "interdict-agent");
    assertThat(root.resolve("opt/interdict-agent")).doesNotExist();
    assertThat(root.resolve(CERTIFICATE)).exists();
    assertThat(root.resolve(RECORD)).exists();
    assertThat(root.resolve(DEFAULTS)).exists();

    dpkg("--purge", "interdict-agent");
    assertThat(root.resolve("etc/interdict")).doesNotExist();
    assertThat(root.resolve("var/lib/interdict")).doesNotExist();
    assertThat(root.resolve(DEFAULTS)).doesNotExist();
  }

  @Test
  void shouldStartTheJavaThatItBrings() throws Exception {
    dpkg("--install", agent().toString());
    Process java =
        new ProcessBuilder(root.resolve(JAVA).toString(), "-version")
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor()).as(said).isZero();
    assertThat(said).contains("sharing");
  }
}
