package dev.interdict.benchmarks.engine;

import dev.interdict.jobs.recorded.RecordedEvents;
import dev.interdict.jobs.recorded.RecordedFormat;
import dev.interdict.jobs.source.NodeEvent;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Container;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventView;
import dev.interdict.schema.Exec;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Encoded events in the order of their time, repeated as often as asked for with their times moved
 * on, so that the node's clock runs and windows end.
 *
 * <p>Without a recording: the execs, opens and connections of builds in containers, with the
 * command lines that make, gcc, cc1, as and ld have, and among them what rules and sequences look
 * for.
 */
public final class EngineInput {
  /** System property: a recording that {@code interdict detect} reads, to be taken instead. */
  public static final String RECORDING = "interdict.bench.recording";

  private static final NodeId NODE = new NodeId(0x1234_5678_9abc_4defL, 0x8234_5678_9abc_def0L);
  private static final long START = 1_795_300_000_000_000_000L;
  private static final long STEP_NANOS = 50_000; // 20,000 events a second of the node's time
  private static final int CONTAINERS = 200;
  private static final int TIME_OFFSET = 1;
  private static final int MAX_RECORDED = 500_000;
  private static final double HITS = 0.004;
  private static final double STEPS = 0.008;

  /** Few enough that sequences in them come to their end. */
  private static final int ATTACKED = 8;

  private final List<byte[]> bodies;
  private final int[] kinds;
  private final long span;
  private final double execShare;
  private final String about;

  private EngineInput(List<byte[]> bodies, long span, String about) {
    this.bodies = bodies;
    this.span = span;
    this.about = about;
    kinds = new int[bodies.size()];
    int execs = 0;
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = EventView.kindOf(bodies.get(i), 0);
      execs += kinds[i] == Kind.EXEC_VALUE ? 1 : 0;
    }
    execShare = (double) execs / kinds.length;
  }

  /**
   * @param events of a made input; a recording is taken as it is
   * @param sequences whose steps are among the made events
   */
  public static EngineInput open(int events, int sequences) throws IOException {
    String recording = System.getProperty(RECORDING);
    return recording == null ? made(events, sequences) : recorded(Path.of(recording));
  }

  private static EngineInput recorded(Path path) throws IOException {
    List<byte[]> bodies = new ArrayList<>();
    long first = 0;
    long last = 0;
    try (RecordedEvents events = RecordedFormat.AUTO.open(path)) {
      NodeEvent event = events.next();
      while (event != null && bodies.size() < MAX_RECORDED) {
        first = first == 0 ? event.time() : first;
        last = Math.max(last, event.time());
        bodies.add(event.body());
        event = events.next();
      }
    }
    if (bodies.isEmpty()) {
      throw new IOException("no events in " + path);
    }
    return new EngineInput(bodies, last - first + STEP_NANOS, "recording " + path);
  }

  private static EngineInput made(int events, int sequences) {
    Random random = new Random(7);
    List<byte[]> bodies = new ArrayList<>(events);
    int[] progress = new int[CONTAINERS];
    for (int i = 0; i < events; i++) {
      long time = START + i * STEP_NANOS;
      int container = random.nextInt(CONTAINERS);
      double what = random.nextDouble();
      Event.Builder event;
      if (what < HITS) {
        event = exec(random, "/usr/bin/" + EngineRules.hitProgram(random.nextInt(8)), "run it");
      } else if (what < HITS + STEPS) {
        container %= ATTACKED;
        int step = progress[container]++ % 4; // the fourth is the first of another one, left open
        int sequence = (container + progress[container] / 4) % Math.max(1, sequences);
        event = exec(random, EngineRules.stepProgram(sequence, step % 3), "");
      } else if (what < 0.62) {
        event = build(random);
      } else if (what < 0.95) {
        event = open(random);
      } else {
        event = connect(random);
      }
      Process.Builder process = event.getProcessBuilder();
      process
          .setCgroup("/kubepods/burstable/pod" + container)
          .setCgroupId(1000 + container)
          .setContainer(
              Container.newBuilder()
                  .setId("3f2a77b04dd0c1e9a1c2f88c40a7d6a13bd1a8f6f4b81d0d3c0cf6a1a6" + container)
                  .setName("builder-" + container)
                  .setImage("registry.example/build:1.4"));
      bodies.add(event.setTime(time).build().toByteArray());
    }
    return new EngineInput(bodies, events * STEP_NANOS, "made: builds in 200 containers");
  }

  private static Event.Builder build(Random random) {
    int unit = random.nextInt(5000);
    return switch (random.nextInt(5)) {
      case 0 -> exec(random, "/usr/bin/make", " -C /work/src/module" + unit % 90 + " -j2 all");
      case 1 ->
          exec(
              random,
              "/usr/bin/gcc",
              " -Wall -O2 -g -Iinclude -I../common/include -DNDEBUG -c unit"
                  + unit
                  + ".c -o out/unit"
                  + unit
                  + ".o");
      case 2 ->
          exec(
              random,
              "/usr/libexec/gcc/x86_64-linux-gnu/13/cc1",
              " -quiet -I include -imultiarch x86_64-linux-gnu -D NDEBUG unit"
                  + unit
                  + ".c -quiet -dumpdir out/ -mtune=generic -march=x86-64 -O2 -Wall -o /tmp/cc"
                  + unit
                  + ".s");
      case 3 -> exec(random, "/usr/bin/as", " --gdwarf-5 --64 -o out/unit" + unit + ".o /tmp/cc.s");
      default ->
          exec(random, "/bin/dash", " -c test -d out || mkdir -p out && touch out/.stamp" + unit);
    };
  }

  private static Event.Builder exec(Random random, String exe, String arguments) {
    Process.Builder process = process(random, exe);
    process.addArgs(exe.substring(exe.lastIndexOf('/') + 1));
    for (String argument : arguments.strip().split(" ", -1)) {
      process.addArgs(argument);
    }
    return Event.newBuilder().setKind(Kind.EXEC).setProcess(process).setExec(Exec.newBuilder());
  }

  private static Event.Builder open(Random random) {
    return Event.newBuilder()
        .setKind(Kind.OPEN)
        .setProcess(process(random, "/usr/bin/as"))
        .setOpen(
            FileOperation.newBuilder()
                .setPath("/work/src/out/unit" + random.nextInt(5000) + ".o")
                .setWrite(true)
                .setCreate(random.nextBoolean()));
  }

  private static Event.Builder connect(Random random) {
    return Event.newBuilder()
        .setKind(Kind.CONNECT)
        .setProcess(process(random, "/usr/bin/git"))
        .setConnect(
            Connection.newBuilder()
                .setFamily(Connection.Family.INET)
                .setProtocol("tcp")
                .setRemoteAddress("10.0." + random.nextInt(200) + "." + random.nextInt(200))
                .setRemotePort(443));
  }

  private static Process.Builder process(Random random, String exe) {
    int pid = 2000 + random.nextInt(60_000);
    return Process.newBuilder()
        .setId(0x9f3c_0000_0000_0000L + pid)
        .setPid(pid)
        .setStartTime(982_113_402_331L)
        .setExe(exe)
        .setPath(exe)
        .setCwd("/work/src")
        .setUid(1000)
        .setGid(1000)
        .setEuid(1000)
        .setUser("build")
        .setComm(exe.substring(exe.lastIndexOf('/') + 1))
        .addAncestors(ancestor(77, "/usr/bin/make", "make -j2 all"))
        .addAncestors(ancestor(76, "/bin/bash", "bash -e /work/build.sh"))
        .addAncestors(ancestor(75, "/usr/bin/containerd-shim-runc-v2", "containerd-shim-runc-v2"));
  }

  private static Ancestor ancestor(int pid, String exe, String commandLine) {
    return Ancestor.newBuilder()
        .setId(pid)
        .setPid(pid)
        .setExe(exe)
        .setCommandLine(commandLine)
        .build();
  }

  public int size() {
    return kinds.length;
  }

  /** Part of the events that are execs. */
  public double execShare() {
    return execShare;
  }

  public double bytesPerEvent() {
    return bodies.stream().mapToInt(body -> body.length).average().orElseThrow();
  }

  public String about() {
    return about;
  }

  /** Begins sequence 0 for a container of its own. */
  NodeEvent firstStep(int number) {
    Event.Builder event = exec(new Random(number), EngineRules.stepProgram(0, 0), "");
    event.getProcessBuilder().setContainer(Container.newBuilder().setId("container-" + number));
    byte[] body = event.setTime(START + number).build().toByteArray();
    return new NodeEvent(NODE, 1, number + 1L, START + number, Kind.EXEC_VALUE, body);
  }

  /**
   * The event as a source would give it, its body a copy of its own as from a frame.
   *
   * @param number counts on beyond the size
   */
  NodeEvent event(long number) {
    int index = (int) (number % kinds.length);
    byte[] body = bodies.get(index).clone();
    long time = EventView.timeOf(body, 0) + number / kinds.length * span;
    ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putLong(TIME_OFFSET, time);
    return new NodeEvent(NODE, 1, number + 1, time, kinds[index], body);
  }
}
