package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Kind;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class EnvironmentTest {
  private static String told(String... variables) throws InvalidProtocolBufferException {
    KernelRecords records = new KernelRecords(1 << 16);
    records
        .begin(Kind.EXEC_VALUE, Record.Exec.SIZE, 1, 1, 1)
        .text(Record.Exec.ENVIRONMENT, String.join("\0", variables))
        .commit();
    Ring ring = records.ring();
    ring.refresh();
    assertThat(ring.hasHead()).isTrue();
    ProtoBuffer out = new ProtoBuffer(64, 1 << 16);
    Environment.write(out, 7, ring.data(), ring.head(), Record.Exec.ENVIRONMENT);
    return Exec.parseFrom(Arrays.copyOf(out.array(), out.length())).getEnvironment();
  }

  @Test
  void shouldFindEveryVariableOfInterest() throws InvalidProtocolBufferException {
    for (String name : Environment.OF_INTEREST) {
      assertThat(told("A=b", name + "=x", "Z=")).isEqualTo(name + "=x");
    }
  }

  @Test
  void shouldKeepToThemselvesAllOthers() throws InvalidProtocolBufferException {
    assertThat(told("LD_PRELOADED=x", "XLD_PRELOAD=x", "ld_preload=x", "LD_PRELOAD", "=LD_PRELOAD"))
        .isEmpty();
    assertThat(told("TOKEN=LD_PRELOAD=x", "ENV_=y", "", "IF=S")).isEmpty();
    assertThat(told("A=1", "ENV=", "IFS=a=b")).isEqualTo("ENV= IFS=a=b");
  }

  @Test
  void shouldCutWhatIsTooLong() throws InvalidProtocolBufferException {
    assertThat(told("PYTHONPATH=" + "p".repeat(5000))).hasSize("PYTHONPATH=".length() + 1024);
    assertThat(told("LD_AUDIT=/tmp/cut o")).isEqualTo("LD_AUDIT=/tmp/cut o");
  }
}
