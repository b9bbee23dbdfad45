package dev.interdict.benchmarks;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Field;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading one exec event: what a rule that does not match has to look at, and the whole of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecodeBenchmark {
  private final byte[] bytes = exec().toByteArray();
  private final EventView view = new EventView();

  static Event exec() {
    return Event.newBuilder()
        .setTime(1_795_300_194_008_842_000L)
        .setKind(Kind.EXEC)
        .setProcess(
            Process.newBuilder()
                .setId(0x9f3c_11aa_7be0_42d1L)
                .setPid(48_213)
                .setStartTime(982_113_402_331L)
                .setExe("/usr/bin/dash")
                .setPath("/bin/sh")
                .addArgs("sh")
                .addArgs("-c")
                .addArgs("id; cat /etc/hostname")
                .setCwd("/srv/app")
                .setUid(33)
                .setGid(33)
                .setEuid(33)
                .setUser("www-data")
                .setComm("sh")
                .setCgroupId(48_211)
                .setCgroup("/system.slice/web.service")
                .setContainer(
                    Container.newBuilder()
                        .setId("3f2a77b04dd0c1e9a1c2f88c40a7d6a13bd1a8f6f4b81d0d3c0cf6a1a62b7c55")
                        .setName("web")
                        .setImage("registry.example/web:1.4"))
                .addAncestors(
                    Ancestor.newBuilder()
                        .setId(77)
                        .setPid(4711)
                        .setExe("/usr/sbin/nginx")
                        .setCommandLine("nginx: worker process")))
        .setExec(Exec.newBuilder())
        .build();
  }

  @Benchmark
  public long viewTimeAndKind() {
    return EventView.timeOf(bytes, 0) + EventView.kindOf(bytes, 0);
  }

  @Benchmark
  public long viewThreeFields() {
    view.wrap(bytes, 0, bytes.length);
    return view.length(Field.PROCESS_EXE)
        + view.length(Field.PARENT_EXE)
        + view.number(Field.PROCESS_UID);
  }

  @Benchmark
  public Event parse() throws InvalidProtocolBufferException {
    return Event.parseFrom(bytes);
  }
}
