package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Process;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleSetTest {
  private static final String RULES =
      """
      title: Shell
      id: a0000000-0000-4000-8000-000000000001
      name: shell
      logsource: {category: process_creation, product: linux}
      detection:
        s: {Image|endswith: /sh}
        condition: s
      level: high
      ---
      title: Created
      id: a0000000-0000-4000-8000-000000000002
      name: created
      logsource: {category: file_event, product: linux}
      detection:
        s: {TargetFilename|startswith: /tmp/}
        condition: s
      ---
      title: Informative
      logsource: {category: process_creation}
      detection:
        s: {Image: /bin/true}
        condition: s
      level: informational
      """;

  private static Event open(boolean create, int result) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(Kind.OPEN)
        .setResult(result)
        .setProcess(Process.newBuilder().setExe("/bin/sh"))
        .setOpen(FileOperation.newBuilder().setPath("/tmp/x").setCreate(create))
        .build();
  }

  @Test
  void shouldReadAMountedConfigMapOnce(@TempDir Path mount) throws IOException {
    Path version = Files.createDirectories(mount.resolve("..2026_11_26_01_00_00.1"));
    Files.writeString(version.resolve("rules.yml"), RULES);
    Files.createSymbolicLink(mount.resolve("..data"), version.getFileName());
    Files.createSymbolicLink(mount.resolve("rules.yml"), Path.of("..data/rules.yml"));

    assertThat(RuleSet.files(mount)).hasSize(1);
    assertThat(RuleSet.files(mount.resolve("rules.yml"))).hasSize(1);
  }

  @Test
  void shouldBeTheSameAfterSerialization() throws IOException, ClassNotFoundException {
    RuleSet set = RuleSet.builtin();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(set);
    }
    RuleSet copy;
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (RuleSet) in.readObject();
    }
    assertThat(copy.hash()).isEqualTo(set.hash()).hasSize(32);
    assertThat(copy.rules()).isEqualTo(set.rules());
    assertThat(copy.sequences()).hasSameSizeAs(set.sequences());
  }

  @Test
  void shouldTellWhichKindsItNeeds() {
    long created =
        Kinds.bits(List.of(Kind.OPEN, Kind.RENAME, Kind.LINK, Kind.MKNOD)); // a name, anyhow
    assertThat(Sets.of(RULES).kinds()).isEqualTo(Kinds.bit(Kind.EXEC) | created);
    assertThat(Sets.of(RULES).newMatcher().kinds()).isEqualTo(Sets.of(RULES).kinds());
  }

  @Test
  void shouldTakeAsFileEventOnlyFilesThatWereCreated() {
    RuleSet set = Sets.of(RULES);
    assertThat(Sets.hits(set, open(true, 0))).containsExactly(1);
    assertThat(Sets.hits(set, open(false, 0))).isEmpty();
    assertThat(Sets.hits(set, open(true, -13))).isEmpty();
  }

  @Test
  void shouldAlertUnlessInformationalOrAPartThatIsNotGenerated() {
    String correlation =
        """
        ---
        title: Both
        correlation:
          type: temporal_ordered
          rules: [shell, created]
          group-by: [User, ComputerName]
          timespan: 90m
          %s
        """;
    RuleSet alone = Sets.of(RULES);
    assertThat(alone.rules()).extracting(Rule::alerts).containsExactly(true, true, false);
    RuleSet parts = Sets.of(RULES + correlation.formatted(""));
    assertThat(parts.rules()).extracting(Rule::alerts).containsExactly(false, false, false);
    RuleSet generated = Sets.of(RULES + correlation.formatted("generate: true"));
    assertThat(generated.rules()).extracting(Rule::alerts).containsExactly(true, true, false);
    Sequence sequence = parts.sequences().get(0);
    assertThat(sequence.within()).isEqualTo(Duration.ofMinutes(90));
    assertThat(sequence.steps()).extracting(Step::name).containsExactly("Shell", "Created");
  }

  @Test
  void shouldReportEveryMistakeOfASetAtOnce() {
    assertThatThrownBy(
            () ->
                RuleSet.of(
                    List.of(
                        new RuleFile("a.yml", "title: x\ndetection: {s: {a: b}}\n"),
                        new RuleFile("b.yml", "title: y\n  bad: [\n"),
                        new RuleFile("c.yml", "- 1\n"),
                        new RuleFile("d.yml", "title: z\ntitle: z\n"),
                        new RuleFile("e.yml", RULES + "---\n" + RULES))))
        .isInstanceOf(InvalidRulesException.class)
        .hasMessageContaining("a.yml:1: missing logsource")
        .hasMessageContaining("b.yml:2: not YAML")
        .hasMessageContaining("c.yml:1: expected a map")
        .hasMessageContaining("d.yml:2: duplicate key title")
        .hasMessageContaining(
            "e.yml:25: id a0000000-0000-4000-8000-000000000001 is taken by e.yml:1");
  }

  @Test
  void shouldJoinByProcessAcrossFields() {
    KeyExpression child = KeyExpression.parse(List.of("parent.id"));
    KeyExpression process = KeyExpression.parse(List.of("process"));
    KeyExpression tree = KeyExpression.parse(List.of("tree"));
    Event event = host(7, 5, 3);
    assertThat(keys(child, event)).containsExactly("process=0000000000000005");
    assertThat(keys(process, event)).containsExactly("process=0000000000000007");
    assertThat(keys(tree, event))
        .containsExactly(
            "process=0000000000000007", "process=0000000000000005", "process=0000000000000003");
    assertThat(child.comparableTo(tree)).isTrue();
    assertThat(child.comparableTo(KeyExpression.entity())).isFalse();
    assertThat(keys(KeyExpression.parse(List.of("entity", "process.exe")), event))
        .containsExactly("lineage=0000000000000005,path=/bin/x");
    assertThat(keys(KeyExpression.parse(List.of("entity", "file.path")), event)).isEmpty();
  }

  /** systemd (3) started something (5), which started x (7). */
  private static Event host(long id, long parent, long init) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(Kind.EXEC)
        .setProcess(
            Process.newBuilder()
                .setId(id)
                .setExe("/bin/x")
                .addAncestors(Ancestor.newBuilder().setId(parent).setExe("/usr/sbin/nginx"))
                .addAncestors(Ancestor.newBuilder().setId(init).setExe("/lib/systemd/systemd")))
        .setExec(Exec.getDefaultInstance())
        .build();
  }

  private static List<String> keys(KeyExpression key, Event event) {
    List<String> keys = new ArrayList<>();
    key.evaluate(Sets.view(event), keys::add);
    return keys;
  }
}
