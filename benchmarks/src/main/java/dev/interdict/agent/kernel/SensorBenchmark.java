package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroups;
import dev.interdict.agent.enrich.ContainerResolver;
import dev.interdict.agent.enrich.ContainerRuns;
import dev.interdict.agent.enrich.JustWritten;
import dev.interdict.agent.enrich.ProcFiles;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.enrich.Users;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.record.FrameEncoder;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the agent does to one record between the kernel's ring and the recorder's frame: read it,
 * know who it was, encode the event, append it. The records are as the programs write them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SensorBenchmark {
  private static final long SINCE_EPOCH = 1_795_000_000_000_000_000L;
  private static final int PID = 4711;
  private static final long START = 100_000_000_000L;
  private static final int EVENTS_A_FRAME = 256;

  private final ProcFiles proc = new ProcFiles(Path.of("/nonexistent"));
  private final ContainerResolver containers = new ContainerResolver(List.of());
  private final Cgroups cgroups =
      new Cgroups(containers, id -> "/kubepods/pod1/" + "0a".repeat(32), proc, cgroup -> {});
  private final ProcessTable processes =
      new ProcessTable(42, 16_384, new Users(Path.of("/nonexistent")));
  private final Translator translator =
      new Translator(
          processes,
          cgroups,
          new JustWritten(16_384),
          new Watchlist(SensorConfig.SENSITIVE),
          new Images(processes, cgroups, proc),
          Kinds.ALL,
          null,
          new Containers(new ContainerRuns(cgroups), containers));
  private final NodeId node = NodeId.random();
  private final FrameEncoder frames = new FrameEncoder();
  private final ByteBuffer exec = exec();
  private final ByteBuffer open = open();
  private final ByteBuffer connect = connect();
  private long sequence = 1;
  private int inFrame;

  public SensorBenchmark() {
    translator.translate(exec, 0, exec.getInt(Record.SIZE), SINCE_EPOCH);
    frames.begin(node, 1, 0, sequence);
  }

  @Benchmark
  public int translateExec() {
    return translate(exec);
  }

  @Benchmark
  public int translateOpen() {
    return translate(open);
  }

  @Benchmark
  public int translateConnect() {
    return translate(connect);
  }

  /** The frame's compression is in it, shared by the events of a frame. */
  @Benchmark
  public int recordOpen() {
    int length = translate(open);
    frames.add(sequence++, translator.event().array(), 0, length);
    if (++inFrame == EVENTS_A_FRAME) {
      length += frames.finish(sequence - 1, 1).remaining();
      frames.begin(node, 1, 0, sequence);
      inFrame = 0;
    }
    return length;
  }

  private int translate(ByteBuffer record) {
    if (!translator.translate(record, 0, record.getInt(Record.SIZE), SINCE_EPOCH)) {
      throw new IllegalStateException("a record that makes no event");
    }
    ProtoBuffer event = translator.event();
    return event.length();
  }

  private static ByteBuffer record(Kind kind, int fixed) {
    ByteBuffer record = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
    record.putLong(Record.TIME, START + 1_000_000);
    record.putShort(Record.KIND, (short) kind.getNumber());
    record.putInt(Record.PID, PID);
    record.putInt(Record.TID, PID);
    record.putLong(Record.START, START);
    record.putInt(Record.PARENT_PID, 1);
    record.putLong(Record.CGROUP, 77);
    record.putInt(Record.SIZE, fixed);
    return record;
  }

  /** Components of a path as the kernel writes them: leaf first. */
  private static void path(ByteBuffer record, int span, String path) {
    StringBuilder components = new StringBuilder();
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i > 0; i--) {
      components.append(names[i]).append('\0');
    }
    text(record, span, components.toString());
  }

  private static void text(ByteBuffer record, int span, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int end = record.getInt(Record.SIZE);
    record.putShort(span, (short) end);
    record.putShort(span + 2, (short) bytes.length);
    record.put(end, bytes);
    record.putInt(Record.SIZE, (end + bytes.length + 7) & ~7);
  }

  private static ByteBuffer exec() {
    ByteBuffer record = record(Kind.EXEC, Record.Exec.SIZE);
    record.putLong(Record.Exec.INODE, 1234);
    record.put(Record.Exec.COMM, "bash".getBytes(StandardCharsets.US_ASCII));
    path(record, Record.Exec.EXE, "/usr/bin/bash");
    text(record, Record.Exec.INVOKED, "/bin/bash");
    text(record, Record.Exec.ARGS, "bash\0-c\0id; cat /etc/hostname\0");
    path(record, Record.Exec.CWD, "/srv/app");
    path(record, Record.Exec.CGROUP_PATH, "/kubepods/pod1/" + "0a".repeat(32));
    for (int i = 0; i < 3; i++) {
      int fd = Record.Exec.FDS + i * Record.Descriptor.SIZE;
      record.putInt(fd + Record.Descriptor.NUMBER, i);
      record.putShort(fd + Record.Descriptor.TYPE, (short) 2);
    }
    return record;
  }

  private static ByteBuffer open() {
    ByteBuffer record = record(Kind.OPEN, Record.FileRecord.SIZE);
    record.putShort(Record.FLAGS, (short) (Record.FLAG_WRITE | Record.FLAG_CREATED));
    record.putLong(Record.FileRecord.INODE, 99);
    path(record, Record.FileRecord.PATH, "/var/lib/app/cache/object-0017.tmp");
    text(record, Record.FileRecord.GIVEN, "cache/object-0017.tmp");
    return record;
  }

  private static ByteBuffer connect() {
    ByteBuffer record = record(Kind.CONNECT, Record.SocketRecord.SIZE);
    int socket = Record.SocketRecord.SOCKET;
    record.putShort(socket + Record.Endpoint.FAMILY, (short) 2);
    record.putShort(socket + Record.Endpoint.PROTOCOL, (short) 6);
    record.put(socket + Record.Endpoint.LOCAL, new byte[] {10, 0, 0, 7});
    record.put(socket + Record.Endpoint.REMOTE, new byte[] {10, 0, 0, 9});
    record.putShort(socket + Record.Endpoint.REMOTE_PORT, Short.reverseBytes((short) 443));
    record.putShort(Record.SocketRecord.FAMILY, (short) 2);
    record.putShort(Record.SocketRecord.SOCKET_TYPE, (short) 1);
    return record;
  }
}
