package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import org.junit.jupiter.api.Test;

/** What the kinds of files are to rules that were written for other sources. */
final class FileRecordsTest {
  private static final FileOperation FILE =
      FileOperation.newBuilder().setPath("/tmp/a").setTarget("/etc/cron.d/b").build();
  private static final Event RENAME = event(Kind.RENAME).setRename(FILE).build();
  private static final Event UNLINK = event(Kind.UNLINK).setUnlink(FILE).build();
  private static final Event HARD = event(Kind.LINK).setLink(link(false)).build();
  private static final Event SYMBOLIC = event(Kind.LINK).setLink(link(true)).build();
  private static final Event CHMOD = event(Kind.CHMOD).setChmod(FILE).build();
  private static final Event TRUNCATE = event(Kind.TRUNCATE).setTruncate(FILE).build();

  private static Event.Builder event(Kind kind) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(kind)
        .setProcess(Process.newBuilder().setExe("/usr/bin/mv"));
  }

  private static FileOperation link(boolean symbolic) {
    return FILE.toBuilder().setSymbolic(symbolic).build();
  }

  private static boolean hit(String logsource, String selection, Event event) {
    RuleSet set =
        Sets.of(
            """
            title: t
            logsource: {product: linux, %s}
            detection:
              s: {%s}
              condition: s
            """
                .formatted(logsource, selection));
    return Sets.hits(set, event).length == 1;
  }

  @Test
  void shouldTakeAsFileEventWhateverAppearsUnderAName() {
    String cron = "TargetFilename|startswith: /etc/cron.d/";
    assertThat(hit("category: file_event", cron, RENAME)).isTrue();
    assertThat(hit("category: file_event", cron, HARD)).isTrue();
    assertThat(hit("category: file_event", cron, SYMBOLIC)).as("only points there").isFalse();
    assertThat(hit("category: file_event", "TargetFilename: /tmp/a", SYMBOLIC)).isTrue();
    assertThat(hit("category: file_event", cron, UNLINK)).isFalse();
    Event refused = RENAME.toBuilder().setResult(-13).build();
    assertThat(hit("category: file_event", cron, refused)).isFalse();
  }

  @Test
  void shouldKnowBothNamesOfARename() {
    String names = "SourceFilename: /tmp/a, TargetFilename: /etc/cron.d/b, Image|endswith: /mv";
    assertThat(hit("category: file_rename", names, RENAME)).isTrue();
    assertThat(hit("category: file_rename", names, HARD)).isFalse();
    assertThat(hit("category: file_delete", "TargetFilename: /tmp/a", UNLINK)).isTrue();
    assertThat(hit("category: file_change", "TargetFilename: /tmp/a", CHMOD)).isTrue();
    assertThat(hit("category: file_change", "TargetFilename: /tmp/a", TRUNCATE)).isTrue();
  }

  @Test
  void shouldJudgeEachAuditRecordOfAFileByItself() {
    assertThat(hit("service: auditd", "type: PATH, name: /tmp/a, nametype: DELETE", UNLINK))
        .isTrue();
    assertThat(hit("service: auditd", "type: PATH, name: /tmp/a, nametype: DELETE", RENAME))
        .isTrue();
    assertThat(hit("service: auditd", "type: PATH, name: /etc/cron.d/b, nametype: CREATE", RENAME))
        .isTrue();
    assertThat(hit("service: auditd", "type: PATH, name: /tmp/a, nametype: CREATE", RENAME))
        .isFalse();
    assertThat(hit("service: auditd", "type: SYSCALL, SYSCALL: chmod, exe: /usr/bin/mv", CHMOD))
        .isTrue();
    assertThat(hit("service: auditd", "type: SYSCALL, SYSCALL: chmod, exe: /usr/bin/mv", UNLINK))
        .isFalse();
  }
}
