package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interdict.agent.kernel.Hook.State;
import dev.interdict.schema.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class HookTest {
  @Test
  void shouldCallAKindUnseenOnlyIfNoHookShowsIt() {
    List<Hook> hooks =
        List.of(
            new Hook("open", "tp_btf/sys_exit", State.ATTACHED, null),
            new Hook("open", "fexit/syscalls", State.UNAVAILABLE, "not permitted"),
            new Hook("io_uring", "tp_btf/io_uring_submit", State.UNAVAILABLE, "no such tracepoint"),
            new Hook("io_uring", "fexit/syscalls", State.UNAVAILABLE, "not permitted"),
            new Hook("snapshot", "iter/task", State.UNAVAILABLE, "no kind of event"));
    assertThat(Hook.unseenKinds(hooks)).containsExactly(Kind.IO_URING);
  }
}
