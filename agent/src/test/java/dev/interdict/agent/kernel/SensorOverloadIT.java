package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.agent.event.EventSink;
import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A reader that stands still while more happens than a ring can hold. */
final class SensorOverloadIT {
  private static final String VICTIM = Path.of("target/native/victim").toAbsolutePath().toString();
  private static final int OPENS = 5000;
  private static final int EXECS = 20;

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final CountDownLatch blocked = new CountDownLatch(1);
  private final CountDownLatch gate = new CountDownLatch(1);

  @Test
  void shouldAccountForEveryLossAndLoseNoExecutionToFiles()
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "programs can be loaded by root only");
    Assumptions.assumeTrue(
        Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "this kernel has no BTF");
    SensorConfig defaults = SensorConfig.defaults();
    SensorConfig config =
        defaults
            .withRings(defaults.processRing(), defaults.networkRing(), 64 << 10)
            .withFolded(Set.of());
    Sensor sensor = Sensor.start(config, new StandingSink());
    try {
      run("exec", "first");
      blocked.await();
      run("burst", Integer.toString(OPENS), "noise");
      for (int i = 0; i < EXECS; i++) {
        run("exec", "token-" + i);
      }
    } finally {
      gate.countDown();
      sensor.close();
    }
    SensorStats stats = sensor.stats();
    assertThat(stats.undecodable()).isZero();
    for (SensorStats.PerKind kind : stats.kinds()) {
      assertThat(kind.outstanding()).as(kind.kind()).isZero();
      long delivered =
          events.stream().filter(e -> e.getKind().name().equalsIgnoreCase(kind.kind())).count();
      assertThat(delivered).as(kind.kind()).isEqualTo(kind.recorded());
    }
    SensorStats.PerKind opens = kind(stats, "open");
    assertThat(opens.seen()).isGreaterThanOrEqualTo(OPENS);
    assertThat(opens.lost()).as("the test has to overload it").isPositive();
    long told =
        events.stream()
            .filter(e -> e.getKind() == Kind.GAP)
            .map(Event::getGap)
            .filter(gap -> gap.getLane() == Lane.FILE && gap.getReason() == Gap.Reason.RING_FULL)
            .mapToLong(Gap::getCount)
            .sum();
    long lost =
        stats.kinds().stream()
            .filter(k -> Character.isLetter(k.kind().charAt(0))) // the sensor's own are numbers
            .filter(k -> Kinds.laneOf(Kinds.parse(k.kind()).getNumber()) == Lane.FILE)
            .mapToLong(SensorStats.PerKind::lost)
            .sum();
    assertThat(told).isEqualTo(lost);
    assertThat(kind(stats, "exec").lost()).isZero();
    for (int i = 0; i < EXECS; i++) {
      List<String> args = List.of("true", "token-" + i);
      assertThat(events)
          .anyMatch(e -> e.getKind() == Kind.EXEC && e.getProcess().getArgsList().equals(args));
    }
  }

  private static SensorStats.PerKind kind(SensorStats stats, String name) {
    return stats.kinds().stream().filter(k -> k.kind().equals(name)).findFirst().orElseThrow();
  }

  private static void run(String... action) throws IOException, InterruptedException {
    String[] command = new String[action.length + 1];
    command[0] = VICTIM;
    System.arraycopy(action, 0, command, 1, action.length);
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** Stands at its first event until the gate opens. */
  private final class StandingSink implements EventSink {
    @Override
    public void accept(int lane, byte[] buffer, int offset, int length) {
      try {
        events.add(Event.parseFrom(Arrays.copyOfRange(buffer, offset, offset + length)));
        blocked.countDown();
        gate.await();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("an event that cannot be read", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void flush() {}
  }
}
