package dev.interdict.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;

/** A cgroup made for one test, with bash in it. */
final class TestCgroup implements AutoCloseable {
  private final CgroupTree tree;
  private final Path path;
  private final List<Process> processes = new ArrayList<>();

  private TestCgroup(CgroupTree tree, Path path) {
    this.tree = tree;
    this.path = path;
  }

  static TestCgroup create() throws IOException {
    CgroupTree tree = CgroupTree.mounted();
    Path path = tree.root().resolve("interdict-test-" + UUID.randomUUID());
    return new TestCgroup(tree, Files.createDirectory(path));
  }

  Path path() {
    return path;
  }

  String name() {
    return tree.name(path);
  }

  long id() throws IOException {
    return tree.id(path);
  }

  int pid() {
    return Math.toIntExact(processes.get(processes.size() - 1).pid());
  }

  List<Integer> processes() throws IOException {
    return tree.processes(path);
  }

  List<String> events() throws IOException {
    return Files.readAllLines(path.resolve("cgroup.events"));
  }

  /** Runs inside the cgroup; back when it is there. */
  Process start(String script) throws IOException {
    Process process = startOutside("echo $$ > " + path + "/cgroup.procs; " + script);
    Awaitility.await().until(() -> tree.processes(path).contains(pid()));
    return process;
  }

  Process startOutside(String script) throws IOException {
    Process process =
        new ProcessBuilder("/bin/bash", "-c", script)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    processes.add(process);
    return process;
  }

  @Override
  public void close() throws IOException {
    for (Process process : processes) {
      process.destroyForcibly().onExit().join();
    }
    Awaitility.await()
        .ignoreExceptionsMatching(e -> !(e instanceof NoSuchFileException))
        .until(
            () -> {
              if (Files.exists(path)) { // one by one: cgroup.kill came with Linux 5.14
                for (int pid : tree.processes(path)) {
                  ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                }
              }
              Files.deleteIfExists(path);
              return true;
            });
  }
}
