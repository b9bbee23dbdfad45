package dev.interdict.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.agent.command.CgroupScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScopeLockIT {
  @TempDir Path directory;

  @Test
  void shouldRefuseASecondAgentUnlessItsScopeIsDisjoint() throws Exception {
    ScopeLock first = ScopeLock.take(run(), new CgroupScope("/a"));
    assertThatThrownBy(() -> ScopeLock.take(run(), CgroupScope.HOST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "another agent runs on this host: pid=%d with cgroup scope /a, which overlaps with /",
            ProcessHandle.current().pid())
        .hasMessageContaining("--cgroup-scope");
    assertThatThrownBy(() -> ScopeLock.take(run(), new CgroupScope("/a/b")))
        .hasMessageContaining("overlaps with /a/b");
    ScopeLock second = ScopeLock.take(run(), new CgroupScope("/b*"));
    first.close();
    assertThatThrownBy(() -> ScopeLock.take(run(), new CgroupScope("/")))
        .hasMessageContaining("/b*");
    second.close();
    ScopeLock.take(run(), CgroupScope.HOST).close();
  }

  @Test
  void shouldNotMindTheLockOfAnAgentThatWasKilled() throws Exception {
    Process killed =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                run().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(killed.inputReader().readLine()).isEqualTo("taken");
      assertThatThrownBy(() -> ScopeLock.take(run(), CgroupScope.HOST))
          .hasMessageContaining("pid=" + killed.pid());
    } finally {
      killed.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    try (ScopeLock lock = ScopeLock.take(run(), CgroupScope.HOST)) {
      assertThat(lock).isNotNull();
      assertThat(Files.list(run()).filter(each -> each.toString().contains("agent-"))).hasSize(1);
    }
  }

  @Test
  void shouldKeepItsDirectoryToItself() throws Exception {
    ScopeLock.take(run(), CgroupScope.HOST).close();
    assertThat(Files.getPosixFilePermissions(run())).hasSize(3);
  }

  private Path run() {
    return directory.resolve("run/agents");
  }

  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      try (ScopeLock lock = ScopeLock.take(Path.of(arguments[0]), CgroupScope.HOST)) {
        System.out.println("taken");
        System.in.read();
      }
    }
  }
}
