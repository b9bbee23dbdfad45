package dev.interdict.agent.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.enrich.ContainerRuns.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerRunsTest {
  private static final String ID = "3f2a".repeat(16);
  private static final int HOST = 100;
  private static final int INSIDE = 200;

  @TempDir private Path proc;
  private final ProcessTable processes =
      new ProcessTable(1, 1000, new Users(Path.of("/nonexistent/passwd")));
  private Cgroups cgroups;
  private ContainerRuns runs;

  @BeforeEach
  void start() {
    cgroups =
        new Cgroups(
            new ContainerResolver(List.of()),
            id -> id == 1 ? "/" : "/docker/" + ID,
            new ProcFiles(proc),
            cgroup -> {});
    runs = new ContainerRuns(cgroups);
    runs.found(process(1, 1), HOST);
  }

  private Process process(int pid, long cgroup) {
    return processes.add(pid, pid, null, cgroups.get(cgroup), 0, 0, 0);
  }

  @Test
  void shouldCountTheFirstProcessFromWhatItExecutesInside() {
    Process runtime = process(10, 2);
    assertThat(runs.executed(runtime, HOST)).isEqualTo(Change.NONE);
    Process first = processes.fork(runtime, 11, 11, cgroups.get(2));
    assertThat(runs.exited(runtime)).isEqualTo(Change.NONE);
    assertThat(runs.executed(first, INSIDE)).isEqualTo(Change.STARTED);
    assertThat(runs.executed(first, INSIDE)).isEqualTo(Change.NONE);
    Process child = processes.fork(first, 12, 12, cgroups.get(2));
    assertThat(runs.executed(child, INSIDE)).isEqualTo(Change.NONE);
    assertThat(runs.exited(child)).isEqualTo(Change.NONE);
    assertThat(runs.exited(first)).isEqualTo(Change.STOPPED);
    assertThat(runs.executed(process(13, 2), INSIDE)).isEqualTo(Change.STARTED);
  }

  @Test
  void shouldTellOnceOfWhoComesInAndNotOfItsChildren() {
    Process first = process(11, 2);
    runs.found(first, INSIDE);
    Process guest = process(20, 2);
    assertThat(runs.executed(guest, INSIDE)).isEqualTo(Change.ENTERED);
    assertThat(runs.executed(guest, INSIDE)).isEqualTo(Change.NONE);
    Process child = processes.fork(guest, 21, 21, cgroups.get(2));
    assertThat(runs.executed(child, INSIDE)).isEqualTo(Change.NONE);
    assertThat(runs.exited(guest)).isEqualTo(Change.NONE);
  }

  @Test
  void shouldNameTheContainerOfWhoEntersItsMountsAloneUntilItLeaves() {
    runs.found(process(11, 2), INSIDE);
    Process guest = process(20, 1);
    assertThat(runs.executed(guest, INSIDE)).isEqualTo(Change.ENTERED);
    assertThat(guest.cgroup().container().id()).isEqualTo(ID);
    assertThat(guest.cgroup().path()).isEqualTo("/");
    Process child = processes.fork(guest, 21, 21, cgroups.get(1));
    assertThat(child.cgroup().container().id()).isEqualTo(ID);
    assertThat(runs.executed(child, HOST)).isEqualTo(Change.NONE);
    assertThat(child.cgroup().container()).isNull();
  }

  @Test
  void shouldAskTheOlderHierarchiesWhereTheNewOneDoesNotTell() throws IOException {
    Files.createDirectories(proc.resolve("30"));
    Files.writeString(
        proc.resolve("30/cgroup"), "12:pids:/kubepods/besteffort/pod1/" + ID + "\n0::/\n");
    Process first = process(30, 1);
    assertThat(runs.executed(first, INSIDE)).isEqualTo(Change.STARTED);
    assertThat(first.cgroup().container().id()).isEqualTo(ID);
  }

  @Test
  void shouldTakeTheOldestOfThoseFoundForTheFirst() {
    Process late = process(41, 2);
    Process early = process(40, 2);
    runs.found(late, INSIDE);
    runs.found(early, INSIDE);
    assertThat(runs.exited(late)).isEqualTo(Change.NONE);
    assertThat(runs.exited(early)).isEqualTo(Change.STOPPED);
  }
}
