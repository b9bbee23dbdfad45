package dev.interdict.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.ZstdInputStream;
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
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
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
    evidence = Evidence.open(data.resolve("evidence"), recorder, CgroupScope.HOST);
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
    evidence = Evidence.open(data.resolve("evidence"), recorder, CgroupScope.HOST);
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

    evidence = Evidence.open(data.resolve("evidence"), recorder, CgroupScope.HOST);
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

  /** An overlay as root, a file that was changed, one deleted, and a program that no file has. */
  private static final String CONTAINER =
      """
      set -e
      cd "$1"
      mkdir disk root
      mount -t tmpfs disk disk
      mkdir disk/lower disk/lower/usr disk/upper disk/work
      cp -P /bin /lib /lib64 disk/lower/ 2>/dev/null || true
      echo original > disk/lower/changed
      echo original > disk/lower/deleted
      echo original > disk/lower/kept
      mount -t overlay overlay -o lowerdir=disk/lower,upperdir=$1/disk/upper,workdir=$1/disk/work root
      export SECRET=not-to-be-saved
      unshare --mount --propagation private sh -ec '
        mount --bind /usr root/usr
        echo $$ > "$2/cgroup.procs"
        exec chroot root /bin/bash -ec "
          echo by the attacker > changed; rm deleted; ln -s /etc/shadow link; echo ü > umläut
          mkdir -p $(printf %0120d 0); echo far > $(printf %0120d 0)/$(printf %0120d 1)
          cp /bin/sleep payload; ./payload 300 &
          sleep 0.3; rm payload; echo > ready; exec sleep 300"' sh "$1" "$2"
      """;

  private static boolean canMount() throws Exception {
    return new ProcessBuilder(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "mount",
                "-t",
                "tmpfs",
                "t",
                "/mnt")
            .start()
            .waitFor()
        == 0;
  }

  private SavedWindow saveContainer(UnaryOperator<SaveWindow.Builder> change) throws Exception {
    assumeTrue(canMount(), "a mount namespace with a tmpfs is needed");
    Path script = Files.writeString(data.resolve("container.sh"), CONTAINER);
    node.cgroup()
        .startOutside(
            "exec unshare --mount --propagation private bash %s %s %s"
                .formatted(script, data, node.cgroup().path()));
    Awaitility.await()
        .until(
            () ->
                node.cgroup().processes().stream()
                    .anyMatch(pid -> Files.exists(Path.of("/proc/" + pid + "/root/ready"))));
    Target target =
        Target.newBuilder().setCgroup(node.cgroup().name()).setCgroupId(node.cgroup().id()).build();
    CommandResult result =
        save(change.apply(window("w1", 1000, 2000).toBuilder().setStateOf(target)).build());
    assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(Status.DONE);
    return await("w1");
  }

  @Test
  void shouldSaveWhatIsThereOfAContainerBesideTheWindow() throws Exception {
    SavedWindow saved = saveContainer(window -> window);

    assertThat(saved.getMessage()).contains("2 processes and ");
    assertThat(saved.getProcesses()).isEqualTo(2);
    assertThat(saved.getEvents()).isEqualTo(1100);
    assertThat(saved.getLeftOutFiles()).isZero();
    assertThat(OfflineRecorder.open(data.resolve("evidence/w1")).isClean()).isTrue();
    Path state = data.resolve("evidence/w1/state");
    Path payload = null;
    Path tar = null;
    try (Stream<Path> files = Files.walk(state)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain("not-to-be-saved");
        payload = file.endsWith("executable") ? file : payload;
        tar = file.toString().endsWith(".tar.zst") ? file : tar;
      }
    }
    assertThat(payload).hasSameBinaryContentAs(Path.of("/bin/sleep"));
    assertThat(Files.getPosixFilePermissions(payload))
        .doesNotContain(PosixFilePermission.OWNER_EXECUTE);
    assertThat(payload.resolveSibling("environ.names")).content().contains("SECRET\n");
    assertThat(payload.resolveSibling("links")).content().contains("payload (deleted)", "fd/1 -> ");
    assertThat(payload.resolveSibling("maps")).content().contains("payload (deleted)");

    Map<String, String> packed = unpack(tar);
    assertThat(packed)
        .containsEntry("changed", "by the attacker\n")
        .containsEntry("link", "-> /etc/shadow")
        .containsEntry("deleted", "device 0")
        .containsEntry("umläut", "Ã¼\n") // content as bytes, name as UTF-8
        .containsEntry("0".repeat(120) + "/" + "0".repeat(119) + "1", "far\n")
        .doesNotContainKeys("kept", "payload");
    assertThat(saved.getFiles()).isEqualTo(packed.size());
    assertThat(state.resolve("manifest.json")).content().contains(sha256(payload), sha256(tar));
  }

  private static Map<String, String> unpack(Path tar) throws IOException {
    Map<String, String> packed = new HashMap<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ZstdInputStream(Files.newInputStream(tar)))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        packed.put(
            entry.getName(),
            entry.isSymbolicLink()
                ? "-> " + entry.getLinkName()
                : entry.isCharacterDevice()
                    ? "device " + entry.getDevMajor()
                    : new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
      }
    }
    return packed;
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  @Test
  void shouldCountWhatDidNotFitOfTheState() throws Exception {
    SavedWindow saved = saveContainer(window -> window.setMaxBytes(16_000));

    assertThat(saved.getStateBytes()).isLessThanOrEqualTo(16_000);
    assertThat(saved.getLeftOutFiles()).isPositive();
    assertThat(data.resolve("evidence/w1/state/manifest.json")).content().contains("no room");
  }

  @Test
  void shouldSaveTheWindowOfWhatHasEnded() {
    Target gone = Target.newBuilder().setCgroup("/interdict-test-gone").setCgroupId(1).build();
    CommandResult result = save(window("w1", 1000, 2000).toBuilder().setStateOf(gone).build());

    assertThat(result.getStatus()).isEqualTo(Status.DONE);
    SavedWindow saved = await("w1");
    assertThat(saved.getEvents()).isEqualTo(1100);
    assertThat(saved.getProcesses()).isZero();
    assertThat(saved.getMessage()).contains("1 files are left out");
    assertThat(data.resolve("evidence/w1/state/manifest.json")).content().contains("is gone");
  }

  @Test
  void shouldTellHowFarItIsWhenItIsAskedAgain() throws Exception {
    SaveWindow request = window("w1", 0, EVENTS - 1);
    CommandResult first = node.handle(b -> b.setId("same").setSave(request));
    assertThat(first.getWindows(0).getState()).isNotEqualTo(State.FAILED);
    await("w1");
    CommandResult again = node.handle(b -> b.setId("same").setSave(request));
    assertThat(again.getWindows(0).getState()).isEqualTo(State.SAVED);
    assertThat(again.getWindows(0).getEvents()).isEqualTo(EVENTS);
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
