package dev.interdict.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.interdict.schema.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of a few MiB of its own. */
final class DiskFullIT {
  @TempDir private Path mount;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root: cannot mount a tmpfs");
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount.toString());
    mounted = true;
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      run("umount", mount.toString());
    }
  }

  @Test
  void shouldLeaveTheOldFilesAndNoTornOnes() throws Exception {
    SampleEvents source = new SampleEvents(7);
    for (int file = 0; file < 4; file++) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        events.add(source.next());
      }
      ArchiveFixture.write(mount, "part-" + file, events);
    }
    Catalog catalog = new Catalog(mount);
    Set<String> before = names(catalog);
    Compaction compaction = new Compaction(catalog, 2, Long.MAX_VALUE, Duration.ZERO);
    Path filler = mount.resolve("filler");

    assertThatThrownBy(() -> compaction.run(Instant.now(), line -> fill(filler)))
        .as("the disk fills up while it writes")
        .isInstanceOf(NoRoomException.class)
        .hasMessageContaining("no room in " + catalog.events())
        .hasMessageContaining(" missing=");
    assertThat(names(catalog)).isEqualTo(before);

    assertThatThrownBy(
            () ->
                compaction.run(
                    Instant.now(),
                    line -> {
                      throw new AssertionError("began without room: " + line);
                    }))
        .as("the disk is full before it begins")
        .isInstanceOf(NoRoomException.class);
    assertThat(names(catalog)).isEqualTo(before);

    Files.delete(filler);
    assertThat(compaction.run(Instant.now(), line -> {}).rows()).isEqualTo(20_000);
    assertThat(Catalog.files(catalog.events())).hasSize(1);
  }

  private static void fill(Path filler) {
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static Set<String> names(Catalog catalog) throws IOException {
    try (Stream<Path> files = Files.walk(catalog.events())) {
      return files
          .filter(Files::isRegularFile)
          .map(Path::toString)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }
}
