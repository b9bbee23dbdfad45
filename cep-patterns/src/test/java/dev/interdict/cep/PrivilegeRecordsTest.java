package dev.interdict.cep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.schema.Credentials;
import dev.interdict.schema.Event;
import dev.interdict.schema.KernelCode;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Memory;
import dev.interdict.schema.Process;
import org.junit.jupiter.api.Test;

/** What the kinds of privilege and escape are to rules over audit records. */
final class PrivilegeRecordsTest {
  private static final Event MEMFD =
      event(Kind.MEMFD).setMemfd(Memory.newBuilder().setOperation("memfd_create")).build();
  private static final Event MODULE =
      event(Kind.MODULE).setModule(KernelCode.newBuilder().setOperation("finit_module")).build();
  private static final Event SETUID =
      event(Kind.SETUID).setSetuid(Credentials.newBuilder().setCall("setresuid")).build();

  private static Event.Builder event(Kind kind) {
    return Event.newBuilder()
        .setTime(1)
        .setKind(kind)
        .setProcess(Process.newBuilder().setExe("/tmp/x"));
  }

  private static boolean hit(String selection, Event event) {
    RuleSet set =
        Sets.of(
            """
            title: t
            logsource: {product: linux, service: auditd}
            detection:
              s: {%s}
              condition: s
            """
                .formatted(selection));
    return Sets.hits(set, event).length == 1;
  }

  @Test
  void shouldNameTheCallThatWasMade() {
    assertThat(hit("type: SYSCALL, SYSCALL: memfd_create, exe: /tmp/x", MEMFD)).isTrue();
    assertThat(hit("type: SYSCALL, SYSCALL: memfd_secret", MEMFD)).isFalse();
    assertThat(hit("type: SYSCALL, SYSCALL: [init_module, finit_module]", MODULE)).isTrue();
    assertThat(hit("type: SYSCALL, SYSCALL|startswith: setres", SETUID)).isTrue();
    assertThat(hit("type: SYSCALL, SYSCALL: ptrace", SETUID)).isFalse();
  }

  @Test
  void shouldNotTakeARefusalForSuccess() {
    Event refused = MODULE.toBuilder().setResult(-1).build();
    assertThat(hit("type: SYSCALL, SYSCALL: finit_module, success: 'yes'", refused)).isFalse();
  }
}
