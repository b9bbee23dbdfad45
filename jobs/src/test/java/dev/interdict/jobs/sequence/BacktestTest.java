package dev.interdict.jobs.sequence;

import static dev.interdict.jobs.TestRules.START;
import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.cep.RuleSet;
import dev.interdict.jobs.TestRules;
import dev.interdict.jobs.recorded.ArchivedEvents;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Event;
import dev.interdict.storage.Catalog;
import dev.interdict.storage.EventParquetWriter;
import dev.interdict.storage.Partition;
import dev.interdict.storage.Query;
import dev.interdict.storage.QueryLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule over the archive finds what it would have found live. */
class BacktestTest {
  private static final RuleSet RULES =
      TestRules.of("a", "b", "c")
          .rule("fatal", "high")
          .sequence("abc", "2h", "rule: a", "rule: b", "rule: c")
          .sequence("a without b", "30s", "rule: a", "rule: b, absent: true, within: 10s")
          .build();
  private static final NodeId ONE = new NodeId(0x1b9d_6bcd_0000_4000L, 0x8000_0000_0000_0001L);
  private static final NodeId TWO = new NodeId(0x2b9d_6bcd_0000_4000L, 0x8000_0000_0000_0002L);

  @TempDir private Path directory;

  @Test
  void shouldFindOverTheArchiveWhatIsFoundLive() throws Exception {
    List<NodeEvent> events = new ArrayList<>();
    List<String> live;
    try (DetectionHarness harness = DetectionHarness.start(RULES)) {
      for (int i = 0; i < 400; i++) {
        String program = List.of("a", "x", "b", "fatal", "y", "c", "a").get(i % 7);
        // Two hours, so that a sequence lies across the border of two files.
        Event event = i % 11 == 0 ? tick(i * 20_000L) : exec(program, "box" + i % 3, i * 20_000L);
        events.add(harness.feed(i % 2 == 0 ? ONE : TWO, event));
      }
      live = ids(harness.alerts());
    }
    assertThat(live).hasSizeGreaterThan(50);
    archive(events);

    List<Alert> found = new ArrayList<>();
    long read;
    try (Query query = Query.open(directory, QueryLimits.defaults());
        RecordedDetection detection = new RecordedDetection(RULES, false, found::add)) {
      read =
          new ArchivedEvents(query)
              .read(
                  Instant.ofEpochMilli(START),
                  Instant.ofEpochMilli(START).plus(Duration.ofDays(1)),
                  RULES.kinds(),
                  detection::process);
    }
    assertThat(read).isEqualTo(400);
    assertThat(ids(found)).containsExactlyInAnyOrderElementsOf(live);
    assertThat(found.get(0).getEvidence(0).getEvent().getProcess().getContainer().getId())
        .startsWith("box");
  }

  private static List<String> ids(List<Alert> alerts) {
    return alerts.stream().map(Alert::getId).toList();
  }

  private void archive(List<NodeEvent> events) throws IOException {
    Map<String, List<NodeEvent>> files = new TreeMap<>();
    Partition partition = new Partition();
    for (NodeEvent event : events) {
      String place = partition.path(event.time(), event.node().hi());
      files.computeIfAbsent(place, p -> new ArrayList<>()).add(event);
    }
    assertThat(files).hasSizeGreaterThan(4);
    for (Map.Entry<String, List<NodeEvent>> file : files.entrySet()) {
      Path folder = Files.createDirectories(new Catalog(directory).events().resolve(file.getKey()));
      try (OutputStream out =
          Files.newOutputStream(
              folder.resolve(Catalog.FILE_PREFIX + "-test" + Catalog.FILE_SUFFIX))) {
        EventParquetWriter writer = EventParquetWriter.open(out);
        for (NodeEvent event : file.getValue()) {
          writer.append(
              event.node().hi(),
              event.node().lo(),
              event.epoch(),
              event.sequence(),
              event.body(),
              0,
              event.body().length);
        }
        writer.finish();
      }
    }
  }
}
