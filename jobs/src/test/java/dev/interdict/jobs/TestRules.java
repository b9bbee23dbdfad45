package dev.interdict.jobs;

import dev.interdict.cep.RuleFile;
import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import dev.interdict.schema.Tick;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Rules that fire on the execution of a program with the rule's name, and sequences over them. */
public final class TestRules {
  public static final long START = 1_700_000_000_000L;

  private final List<RuleFile> files = new ArrayList<>();

  public static TestRules of(String... names) {
    TestRules rules = new TestRules();
    for (String name : names) {
      rules.rule(name, "low");
    }
    return rules;
  }

  public TestRules rule(String name, String level) {
    files.add(
        new RuleFile(
            name + ".yml",
            """
            title: Runs %1$s
            id: %2$s
            name: %1$s
            author: Test
            logsource: {product: interdict, service: exec}
            detection:
              program: {process.exe: /bin/%1$s}
              condition: program
            level: %3$s
            """
                .formatted(name, id(name), level)));
    return this;
  }

  /**
   * @param steps YAML list items, such as {@code "rule: a"}
   */
  public TestRules sequence(String name, String within, String... steps) {
    StringBuilder list = new StringBuilder();
    for (String step : steps) {
      list.append("    - ").append(step.startsWith("{") ? step : "{" + step + "}").append("\n");
    }
    files.add(
        new RuleFile(
            name + ".yml",
            """
            title: Sequence %s
            id: %s
            author: Test
            tags: [attack.t1059.004]
            sequence:
              key: container
              within: %s
              steps:
            %slevel: high
            """
                .formatted(name, id(name), within, list)));
    return this;
  }

  /**
   * @param correlation lines below {@code correlation:}
   */
  public TestRules correlation(String name, String correlation) {
    files.add(
        new RuleFile(
            name + ".yml",
            """
            title: Correlation %1$s
            id: %2$s
            name: %1$s
            author: Test
            level: high
            correlation:
            %3$s"""
                .formatted(name, id(name), correlation.indent(2))));
    return this;
  }

  /** One file for each rule and sequence; what lay there before is gone. */
  public void writeTo(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (Stream<Path> old = Files.list(directory)) {
      for (Path path : old.toList()) {
        Files.delete(path);
      }
    }
    for (RuleFile file : files) {
      Files.writeString(directory.resolve(file.name()), file.text());
    }
  }

  /**
   * @param exception the map below {@code exception:}
   */
  public TestRules exception(String expires, String exception) {
    files.add(
        new RuleFile(
            "exception.yml",
            """
            title: Known
            id: %s
            owner: Test
            reason: known
            expires: %s
            exception: %s
            """
                .formatted(id("exception"), expires, exception)));
    return this;
  }

  public RuleSet build() {
    return RuleSet.of(files);
  }

  public static String id(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /**
   * @param millis since {@link #START}
   */
  public static Event exec(String program, String container, long millis) {
    return Event.newBuilder()
        .setTime((START + millis) * 1_000_000L)
        .setKind(Kind.EXEC)
        .setProcess(
            Process.newBuilder()
                .setId(7)
                .setPid(42)
                .setStartTime(99)
                .setExe("/bin/" + program)
                .setCgroup("/box/" + container)
                .setCgroupId(4711)
                .setContainer(Container.newBuilder().setId(container)))
        .setExec(Exec.getDefaultInstance())
        .build();
  }

  public static Event tick(long millis) {
    return Event.newBuilder()
        .setTime((START + millis) * 1_000_000L)
        .setKind(Kind.TICK)
        .setTick(Tick.getDefaultInstance())
        .build();
  }

  public static NodeEvent at(NodeId node, long sequence, Event event) {
    return new NodeEvent(
        node, 1, sequence, event.getTime(), event.getKindValue(), event.toByteArray());
  }
}
