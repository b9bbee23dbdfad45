package dev.interdict.jobs.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.TestRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleDirectoryTest {
  @TempDir private Path directory;

  @Test
  void shouldTakeAChangeThatTwoLooksSawAlike() throws IOException {
    TestRules.of("a").writeTo(directory);
    RuleDirectory rules = new RuleDirectory(origin(directory));
    assertThat(rules.look()).isNull();
    RuleDirectory.Found first = rules.look();
    assertThat(first.problem()).isEmpty();
    assertThat(first.rules().open().rules()).hasSize(1);
    assertThat(rules.look()).isNull();

    TestRules.of("a", "b").writeTo(directory);
    assertThat(rules.look()).isNull();
    assertThat(rules.look().rules()).isNotEqualTo(first.rules());
  }

  @Test
  void shouldTellAProblemOnceByFileAndLine() throws IOException {
    TestRules.of("a").writeTo(directory);
    Files.writeString(directory.resolve("x.yml"), "title: x\ndetection: 5\n");
    RuleDirectory rules = new RuleDirectory(origin(directory));
    assertThat(rules.look()).isNull();
    assertThat(rules.look().problem()).contains(directory.resolve("x.yml") + ":");
    assertThat(rules.look()).isNull();
    assertThat(rules.look()).isNull();

    Files.delete(directory.resolve("x.yml"));
    assertThat(rules.look()).isNull();
    assertThat(rules.look().problem()).isEmpty();

    RuleDirectory absent = new RuleDirectory(origin(directory.resolve("absent")));
    assertThat(absent.look().problem()).startsWith("cannot list ");
    assertThat(absent.look()).isNull();
  }

  @Test
  void shouldHaveWhatShipsBesideOnesOwn() throws IOException {
    TestRules.of("a").writeTo(directory);
    RuleOrigin both = RuleOrigin.parse("builtin," + directory);
    int shipped = RuleSet.builtin().rules().size();
    assertThat(both.load().rules()).hasSize(shipped + 1);
    RuleDirectory rules = new RuleDirectory(both);
    assertThat(rules.look()).isNull();
    assertThat(rules.look().rules().open().rules()).hasSize(shipped + 1);

    Files.delete(directory.resolve("a.yml"));
    assertThat(rules.look()).isNull();
    assertThat(rules.look().rules().open().rules()).hasSize(shipped);
  }

  private static RuleOrigin origin(Path directory) {
    return RuleOrigin.parse(directory.toString());
  }

  @Test
  void shouldNameWhatIsNoOrigin() {
    assertThatThrownBy(() -> RuleOrigin.parse("builtin,"))
        .hasMessageContaining("builtin,")
        .hasMessageContaining("builtin,DIRECTORY");
    assertThatThrownBy(() -> RuleOrigin.parse("/a,/b")).hasMessageContaining("/a,/b");
    assertThat(RuleOrigin.parse("builtin")).isEqualTo(RuleOrigin.SHIPPED);
  }

  /** As a kubelet mounts one: links to ..data, which is a link that is exchanged. */
  @Test
  void shouldFollowAMountedConfigMap() throws IOException {
    Path mount = Files.createDirectory(directory.resolve("mount"));
    TestRules.of("a").writeTo(mount.resolve("..2026_1"));
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_1"));
    Files.createSymbolicLink(mount.resolve("a.yml"), Path.of("..data/a.yml"));
    RuleDirectory rules = new RuleDirectory(origin(mount));
    assertThat(rules.look()).isNull();
    RuleBundle first = rules.look().rules();
    assertThat(first.open().rules()).hasSize(1);

    TestRules.of("a").writeTo(mount.resolve("..2026_2"));
    Path file = mount.resolve("..2026_2/a.yml");
    Files.writeString(file, Files.readString(file).replace("level: low", "level: high"));
    Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2026_2"));
    Files.move(
        mount.resolve("..data_tmp"),
        mount.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);

    assertThat(rules.look()).isNull();
    RuleBundle second = rules.look().rules();
    assertThat(second).isNotEqualTo(first);
    assertThat(second.open().rules().get(0).level().name()).isEqualTo("HIGH");
  }
}
