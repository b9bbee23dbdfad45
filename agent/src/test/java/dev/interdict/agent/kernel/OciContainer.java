package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;

/** A real container, made by runc of a bundle that stands where containerd would have put it. */
final class OciContainer implements AutoCloseable {
  private static final Path RUNC = Path.of("/usr/sbin/runc");

  final String id = (UUID.randomUUID() + "" + UUID.randomUUID()).replace("-", "");
  private final Path state;
  private final Path bundle;
  private final String command;

  static void assumePossible() {
    Assumptions.assumeTrue(Files.exists(RUNC), RUNC + " is not installed");
  }

  OciContainer(Path tasks, Path state, String command) {
    this.state = state;
    this.bundle = tasks.resolve("k8s.io").resolve(id);
    this.command = command;
  }

  /** As the kubelet would have asked for it. */
  void start(boolean privileged) throws IOException {
    Path root = Files.createDirectories(bundle.resolve("rootfs"));
    for (String link : List.of("bin", "sbin", "lib", "lib64")) {
      if (Files.exists(Path.of("/" + link))) {
        Files.createSymbolicLink(root.resolve(link), Path.of("usr", link));
      }
    }
    String capabilities =
        privileged ? "\"CAP_SYS_ADMIN\",\"CAP_NET_ADMIN\"" : "\"CAP_NET_BIND_SERVICE\"";
    String hostEtc =
        "{\"destination\":\"/host\",\"type\":\"bind\",\"source\":\"/etc\",\"options\":[\"rbind\",\"ro\"]},";
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion":"1.0.2","hostname":"web",
         "process":{"user":{"uid":0,"gid":0},"cwd":"/","args":["/bin/sh","-c","%s"],
          "env":["PATH=/usr/bin:/bin"],"capabilities":{"bounding":[%s],"effective":[%s],"permitted":[%s]}},
         "root":{"path":"rootfs"},
         "mounts":[{"destination":"/proc","type":"proc","source":"proc"},%s
          {"destination":"/usr","type":"bind","source":"/usr","options":["rbind","ro"]}],
         "annotations":{"io.kubernetes.cri.container-name":"web","io.kubernetes.cri.image-name":"web:1",
          "io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop"},
         "linux":{"cgroupsPath":"/interdict-test/kubepods/pod1/%s",%s
          "resources":{"devices":[{"allow":%s,"access":"rwm"}]},
          "namespaces":[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}%s]}}
        """
            .formatted(
                command,
                capabilities,
                capabilities,
                capabilities,
                privileged ? hostEtc : "",
                id,
                privileged ? "" : "\"maskedPaths\":[\"/proc/kcore\"],",
                privileged,
                privileged ? "" : ",{\"type\":\"network\"}"));
    runc("run", "--detach", "--bundle", bundle.toString(), id);
  }

  String runc(String... arguments) throws IOException {
    List<String> line = new ArrayList<>(List.of(RUNC.toString(), "--root", state.toString()));
    line.addAll(List.of(arguments));
    Path said = Files.createTempFile(state.getParent(), "runc", ".out");
    Process process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(said.toFile())
            .start();
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    String output = Files.readString(said, StandardCharsets.UTF_8);
    assertThat(status).as("%s: %s", line, output).isZero();
    return output;
  }

  /** Of its first process. */
  int pid() throws IOException {
    String json = runc("state", id);
    int at = json.indexOf("\"pid\":") + 6;
    return Integer.parseInt(json.substring(at, json.indexOf(',', at)).strip());
  }

  @Override
  public void close() throws IOException {
    runc("delete", "--force", id);
  }
}
