package dev.interdict.agent.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Event;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ProcessTableTest {
  private static final int LIMIT = 64;

  private final Users users = new Users(Path.of("/nonexistent/passwd"));
  private final ProcessTable table = new ProcessTable(42, LIMIT, users);

  private dev.interdict.schema.Process read(Process process) throws InvalidProtocolBufferException {
    ProtoBuffer out = new ProtoBuffer(64, 1 << 20);
    process.write(out, 3, new ProtoBuffer(64, 1 << 20), users);
    return Event.parseFrom(Arrays.copyOf(out.array(), out.length())).getProcess();
  }

  private void execute(Process process, String exe) {
    ProtoBuffer fields = new ProtoBuffer(64, 1 << 20);
    ProtoBuffer ancestor = new ProtoBuffer(64, 1 << 20);
    fields.ascii(4, exe);
    ancestor.ascii(3, exe);
    table.execute(process, fields, ancestor);
  }

  @Test
  void shouldGiveOneIdToOneProcess() {
    Set<Long> ids = new HashSet<>();
    for (int pid = 1; pid <= 300; pid++) {
      for (long start = 0; start < 300; start++) {
        ids.add(table.id(pid, start));
      }
    }
    assertThat(ids).hasSize(300 * 300);
    assertThat(table.id(7, 8)).isEqualTo(table.id(7, 8));
    assertThat(new ProcessTable(43, LIMIT, users).id(7, 8)).isNotEqualTo(table.id(7, 8));
  }

  @Test
  void shouldTellAncestryFromTheParentUpwards() throws InvalidProtocolBufferException {
    Process init = table.add(1, 10, null, null, 0, 0, 0);
    execute(init, "/sbin/init");
    Process shell = table.fork(init, 50, 20, null);
    execute(shell, "/bin/sh");
    Process child = table.fork(shell, 51, 30, null);
    table.credentials(child, 1000, 1000, 1000);
    dev.interdict.schema.Process read = read(child);
    assertThat(read.getExe()).isEqualTo("/bin/sh"); // until it executes something itself
    assertThat(read.getUid()).isEqualTo(1000);
    assertThat(read.getAncestorsList())
        .extracting(Ancestor::getExe)
        .containsExactly("/bin/sh", "/sbin/init");
    execute(child, "/bin/ls");
    assertThat(read(child).getExe()).isEqualTo("/bin/ls");
    assertThat(read(shell).getExe()).isEqualTo("/bin/sh");
  }

  @Test
  void shouldKeepTheAncestryOfParentsThatAreGone() throws InvalidProtocolBufferException {
    Process parent = table.add(50, 20, null, null, 0, 0, 0);
    execute(parent, "/bin/sh");
    Process child = table.fork(parent, 51, 30, null);
    table.exited(parent);
    for (int i = 0; i < LIMIT * 3; i++) {
      Process other = table.add(100 + i, 40 + i, null, null, 0, 0, 0);
      table.exited(other);
    }
    assertThat(table.find(child.id())).isSameAs(child);
    assertThat(read(child).getAncestorsList())
        .extracting(Ancestor::getExe)
        .containsExactly("/bin/sh");
  }

  @Test
  void shouldNeverRememberMoreThanItsLimit() {
    for (int i = 0; i < 10 * LIMIT; i++) {
      table.add(i + 1, i, null, null, 0, 0, 0); // none of them ends: a fork bomb
      assertThat(table.size()).isLessThanOrEqualTo(LIMIT);
      assertThat(table.find(table.id(i + 1, i))).isNotNull();
    }
  }

  @Test
  void shouldNotTakeAReusedPlaceForAParent() throws InvalidProtocolBufferException {
    Process parent = table.add(50, 20, null, null, 0, 0, 0);
    execute(parent, "/bin/sh");
    Process child = table.fork(parent, 51, 30, null);
    for (int i = 0;
        i < 10 * LIMIT;
        i++) { // all alive, so that living parents are forgotten as well
      table.add(100 + i, 40 + i, null, null, 0, 0, 0);
      if (table.find(child.id()) == null) {
        return;
      }
      if (child.parent() != null) {
        assertThat(child.parent().pid()).isEqualTo(50);
      }
    }
  }

  @Test
  void shouldEndTheAncestryAtSixteen() throws InvalidProtocolBufferException {
    Process process = table.add(1, 1, null, null, 0, 0, 0);
    for (int i = 2; i < 40; i++) {
      table.exited(process);
      process = table.fork(process, i, i, null);
    }
    assertThat(read(process).getAncestorsCount()).isEqualTo(16);
  }
}
