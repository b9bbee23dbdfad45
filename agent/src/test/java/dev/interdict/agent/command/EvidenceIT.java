package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.OfflineRecorder.SegmentReport;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import dev.interdict.schema.ListWindows;
import dev.interdict.schema.SaveWindow;
import dev.interdict.schema.SavedWindow;
import dev.interdict.schema.SavedWindow.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceIT {
  private static final long SECOND = 1_000_000_000L;
  private static final int EVENTS = 5_000;

  @TempDir Path data;
  private TestNode node;
  private Recorder recorder;
  private Evidence evidence;
  private long start;

  @BeforeEach
  void start() throws IOException {
    node = TestNode.start(data.resolve("commands"));
    recorder = Recorder.open(RecorderConfig.of(data.resolve("recorder")));
    start = node.nanos() - EVENTS * SECOND;
    for (int i = 0; i < EVENTS; i++) {
      byte[] event =
          Event.newBuilder().setTime(start + i * SECOND).setKind(Kind.EXEC).build().toByteArray();
      recorder.append(0, event, 0, event.length);
      if (i % 100 == 99) {
        recorder.flush();
      }
    }
    evidence = Evidence.open(data.resolve("evidence"), recorder);
    node.saveTo(evidence);
  }

  @AfterEach
  void stop() throws IOException {
    if (node != null) {
      node.close();
    }
    if (evidence != null) {
      evidence.close();
      recorder.close();
    }
  }

  @Test
  void shouldSaveAWindowThatReadsLikeARecorder() throws Exception {
    CommandResult result = save(window("w1", 1000, 2000));

    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    SavedWindow saved = await("w1");
    assertThat(saved.getState()).isEqualTo(State.SAVED);
    // Frames of 100 are copied whole.
    assertThat(saved.getEvents()).isEqualTo(1100);
    OfflineRecorder copy = OfflineRecorder.open(data.resolve("evidence/w1"));
    assertThat(copy.isClean()).isTrue();
    assertThat(copy.node()).isEqualTo(recorder.node());
    assertThat(copy.inspect(true)).noneMatch(SegmentReport::isDamaged);
    Awaitility.await().until(() -> node.audit().contains("\"event\":\"window_saved\""));
  }

  @Test
  void shouldListItEvenAfterARestartAndUntilSomeoneRemovesIt() throws Exception {
    save(window("w1", 1000, 2000));
    SavedWindow saved = await("w1");
    evidence.close();
    evidence = Evidence.open(data.resolve("evidence"), recorder);
    node.saveTo(evidence);

    assertThat(list("l1").getWindowsList()).containsExactly(saved);
    Files.move(data.resolve("evidence/w1"), data.resolve("elsewhere"));
    assertThat(list("l2").getWindowsList()).isEmpty();
  }

  @Test
  void shouldBeginAnewWhatACrashInterrupted() throws Exception {
    evidence.close();
    Path part = Files.createDirectories(data.resolve("evidence/w1.part"));
    Files.write(
        part.resolve("request"),
        window("w1", 0, 100).toBuilder().setMaxBytes(1 << 20).build().toByteArray());
    Path torn = Files.createDirectories(part.resolve("0000000000000001/0"));
    Files.write(torn.resolve("0000000000000000001.seg"), new byte[100]);

    evidence = Evidence.open(data.resolve("evidence"), recorder);
    node.saveTo(evidence);

    assertThat(await("w1").getEvents()).isEqualTo(200);
    assertThat(part).doesNotExist();
  }

  @Test
  void shouldRefuseWhatMakesNoSenseOrHasNoRoom() {
    assertRefused(window("../x", 0, 1), "invalid window name=../x");
    assertRefused(window("w", 2, 1), "the window is empty");
    assertRefused(window("w", 0, EVENTS + 3600), "ends in the future");
    assertRefused(
        window("w", 0, 1).toBuilder().setMaxBytes(2L << 30).build(),
        "invalid max_bytes=2147483648");
    assertRefused(
        window("w", 0, 1).toBuilder().setMaxBytes(-1).build(),
        "invalid max_bytes=18446744073709551615");
    save(window("w", 0, 1));
    assertRefused(window("w", 0, 1), "there is a window name=w already");
  }

  @Test
  void shouldTellWhatDidNotFit() throws Exception {
    CommandResult result = save(window("w1", 0, EVENTS - 1).toBuilder().setMaxBytes(4096).build());
    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    SavedWindow saved = await("w1");
    assertThat(saved.getEvents()).isPositive();
    assertThat(saved.getEvents() + saved.getLeftOutEvents()).isEqualTo(EVENTS);
    assertThat(saved.getBytes()).isLessThanOrEqualTo(4096);
    assertThat(saved.getMessage()).contains("events are left out: max_bytes=4096");
  }

  private int number;

  private CommandResult save(SaveWindow window) {
    number++;
    return node.handle(b -> b.setId("save-" + number).setSave(window));
  }

  private void assertRefused(SaveWindow window, String why) {
    CommandResult result = save(window);
    assertThat(result.getMessage()).contains(why);
    assertThat(result.getStatus()).isEqualTo(Status.REFUSED);
  }

  private SaveWindow window(String name, long fromSecond, long untilSecond) {
    return SaveWindow.newBuilder()
        .setName(name)
        .setFrom(start + fromSecond * SECOND)
        .setUntil(start + untilSecond * SECOND)
        .build();
  }

  private SavedWindow await(String name) {
    Awaitility.await()
        .until(() -> evidence.find(name) != null && evidence.find(name).getState() == State.SAVED);
    return evidence.find(name);
  }

  private CommandResult list(String id) {
    return node.handle(b -> b.setId(id).setListWindows(ListWindows.getDefaultInstance()));
  }
}
