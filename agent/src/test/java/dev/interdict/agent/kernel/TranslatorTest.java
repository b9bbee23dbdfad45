package dev.interdict.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.agent.enrich.Cgroups;
import dev.interdict.agent.enrich.ContainerResolver;
import dev.interdict.agent.enrich.ContainerRuns;
import dev.interdict.agent.enrich.JustWritten;
import dev.interdict.agent.enrich.ProcFiles;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.enrich.Users;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Event;
import dev.interdict.schema.Fd;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records of our own through ring and translator, as on the sensor's thread. */
final class TranslatorTest {
  private static final long BOOT = 1_700_000_000_000_000_000L;

  private final Users users = new Users(Path.of("/nonexistent/passwd"));
  private final ProcessTable processes = new ProcessTable(42, 1000, users);
  private final ContainerResolver containers = new ContainerResolver(List.of());
  private final ProcFiles proc = new ProcFiles(Path.of("/nonexistent/proc"));
  private final Cgroups cgroups =
      new Cgroups(containers, id -> "/docker/" + "0a".repeat(32), proc, cgroup -> {});
  private final KernelRecords records = new KernelRecords(1 << 16);
  private Translator translator = translator(Kinds.bits(SensorConfig.defaults().kinds()));

  private Translator translator(long kinds) {
    return new Translator(
        processes,
        cgroups,
        new JustWritten(100),
        new Watchlist(SensorConfig.SENSITIVE),
        new Images(processes, cgroups, proc),
        kinds,
        null,
        new Containers(new ContainerRuns(cgroups), containers));
  }

  private List<Event> drain() throws InvalidProtocolBufferException {
    List<Event> events = new ArrayList<>();
    Ring ring = records.ring();
    ring.refresh();
    while (ring.hasHead()) {
      if (translator.translate(ring.data(), ring.head(), ring.headLength(), BOOT)) {
        byte[] bytes = Arrays.copyOf(translator.event().array(), translator.event().length());
        Event event = Event.parseFrom(bytes);
        assertThat(event.toByteArray())
            .as("same bytes as the generated classes")
            .hasSameSizeAs(bytes);
        assertThat(bytes[0]).isEqualTo((byte) 0x09);
        assertThat(bytes[9]).isEqualTo((byte) 0x10);
        events.add(event);
      }
      ring.next();
    }
    ring.release();
    return events;
  }

  private void exec(int pid, long start, long time, String exe, String args) {
    records
        .begin(Kind.EXEC_VALUE, Record.Exec.SIZE, pid, start, time)
        .parent(1, 1)
        .int8(Record.CGROUP, 77)
        .int8(Record.Exec.INODE, 5000 + pid)
        .int4(Record.Exec.DEVICE, 3)
        .bytes(Record.Exec.COMM, (byte) 's', (byte) 'h')
        .bytes(Record.Exec.TTY, (byte) 'p', (byte) 't', (byte) 's', (byte) '0')
        .path(Record.Exec.EXE, exe)
        .text(Record.Exec.INVOKED, "./x")
        .text(Record.Exec.ARGS, args)
        .path(Record.Exec.CWD, "/");
    for (int i = 0; i < 3; i++) {
      records.int4(Record.Exec.FDS + i * Record.Descriptor.SIZE + Record.Descriptor.NUMBER, i);
    }
    int stdin = Record.Exec.FDS;
    records.int2(stdin + Record.Descriptor.TYPE, Fd.Type.SOCKET_VALUE);
    records.int8(stdin + Record.Descriptor.INODE, 99);
    endpoint(stdin + Record.Descriptor.SOCKET);
    records.int2(
        Record.Exec.FDS + 2 * Record.Descriptor.SIZE + Record.Descriptor.TYPE,
        Record.DESCRIPTOR_CLOSED);
    records.path(Record.Exec.FDS + Record.Descriptor.SIZE + Record.Descriptor.PATH, "/var/log/x");
    records.int2(Record.Exec.FDS + Record.Descriptor.SIZE + Record.Descriptor.TYPE, 1);
    records.commit();
  }

  private void endpoint(int at) {
    records
        .int2(at + Record.Endpoint.FAMILY, 10)
        .int2(at + Record.Endpoint.PROTOCOL, 6)
        .bytes(at + Record.Endpoint.LOCAL_PORT, (byte) 0x1f, (byte) 0x90)
        .bytes(at + Record.Endpoint.REMOTE_PORT, (byte) 0xff, (byte) 0xff)
        .bytes(
            at + Record.Endpoint.LOCAL + 10,
            (byte) -1,
            (byte) -1,
            (byte) 10,
            (byte) 0,
            (byte) 0,
            (byte) 1)
        .bytes(
            at + Record.Endpoint.REMOTE + 10,
            (byte) -1,
            (byte) -1,
            (byte) 10,
            (byte) 0,
            (byte) 0,
            (byte) 2);
  }

  private void open(int pid, long start, long time, int flags, String path, long inode) {
    records
        .begin(Kind.OPEN_VALUE, Record.FileRecord.SIZE, pid, start, time)
        .int8(Record.CGROUP, 77)
        .int2(Record.FLAGS, flags)
        .int8(Record.FileRecord.INODE, inode)
        .int4(Record.FileRecord.DEVICE, 3)
        .int4(Record.FileRecord.OPEN_FLAGS, 0101)
        .path(Record.FileRecord.PATH, path)
        .text(Record.FileRecord.GIVEN, "given")
        .commit();
  }

  @Test
  void shouldTellAnExecutionWhole() throws InvalidProtocolBufferException {
    processes.add(1, 1, null, null, 0, 0, 0);
    exec(10, 20, 30, "/usr/bin/sh", "sh\0-c\0id\0");
    Event event = drain().get(0);
    assertThat(event.getTime()).isEqualTo(BOOT + 30);
    assertThat(event.getKind()).isEqualTo(Kind.EXEC);
    assertThat(event.getProcess().getId()).isEqualTo(processes.id(10, 20));
    assertThat(event.getProcess().getExe()).isEqualTo("/usr/bin/sh");
    assertThat(event.getProcess().getPath()).isEqualTo("./x");
    assertThat(event.getProcess().getArgsList()).containsExactly("sh", "-c", "id");
    assertThat(event.getProcess().getCwd()).isEqualTo("/");
    assertThat(event.getProcess().getComm()).isEqualTo("sh");
    assertThat(event.getProcess().getTty()).isEqualTo("pts0");
    assertThat(event.getProcess().getCgroupId()).isEqualTo(77);
    assertThat(event.getProcess().getContainer().getRuntime()).isEqualTo("docker");
    assertThat(event.getProcess().getAncestorsList())
        .extracting(Ancestor::getPid)
        .containsExactly(1);
    assertThat(event.getExec().getFdsList())
        .containsExactly(
            Fd.newBuilder()
                .setType(Fd.Type.SOCKET)
                .setPath("socket:[99]")
                .setSocket(
                    Connection.newBuilder()
                        .setFamily(Connection.Family.INET)
                        .setProtocol("tcp")
                        .setLocalAddress("10.0.0.1")
                        .setLocalPort(8080)
                        .setRemoteAddress("10.0.0.2")
                        .setRemotePort(65_535))
                .build(),
            Fd.newBuilder().setNumber(1).setType(Fd.Type.FILE).setPath("/var/log/x").build());
  }

  @Test
  void shouldKnowWhoWroteWhatIsExecuted() throws InvalidProtocolBufferException {
    open(11, 21, 100, Record.FLAG_WRITE | Record.FLAG_CREATED, "/tmp/x", 5010);
    exec(10, 20, 200, "/tmp/x", "x\0");
    List<Event> events = drain();
    assertThat(events.get(0).getOpen().getPath()).isEqualTo("/tmp/x");
    assertThat(events.get(0).getOpen().getWrite()).isTrue();
    assertThat(events.get(0).getOpen().getCreate()).isTrue();
    assertThat(events.get(1).getExec().getJustWritten()).isTrue();
    assertThat(events.get(1).getExec().getWriterId()).isEqualTo(processes.id(11, 21));
  }

  @Test
  void shouldKnowWhoWroteThoughOpensAreNotReported() throws InvalidProtocolBufferException {
    translator = translator(Kinds.bit(Kind.EXEC));
    open(11, 21, 100, Record.FLAG_WRITE, "/tmp/x", 5010);
    exec(10, 20, 200, "/tmp/x", "x\0");
    List<Event> events = drain();
    assertThat(events).hasSize(1);
    assertThat(events.get(0).getExec().getJustWritten()).isTrue();
  }

  @Test
  void shouldDropAReadWhoseNameOnlyIsWatched() throws InvalidProtocolBufferException {
    open(11, 21, 100, Record.FLAG_WATCHED, "/home/u/shadow", 1);
    open(11, 21, 101, Record.FLAG_WATCHED, "/etc/shadow", 2);
    List<Event> events = drain();
    assertThat(events).hasSize(1);
    assertThat(events.get(0).getOpen().getPath()).isEqualTo("/etc/shadow");
    assertThat(events.get(0).getOpen().getWatched()).isTrue();
  }

  @Test
  void shouldFollowAForkAndAnExit() throws InvalidProtocolBufferException {
    exec(10, 20, 30, "/usr/bin/sh", "sh\0");
    records
        .begin(Kind.FORK_VALUE, Record.Fork.SIZE, 10, 20, 40)
        .int8(Record.CGROUP, 77)
        .int8(Record.Fork.CHILD_START, 41)
        .int8(Record.Fork.CHILD_CGROUP, 77)
        .int4(Record.Fork.CHILD_PID, 12)
        .commit();
    records
        .begin(Kind.EXIT_VALUE, Record.Exit.SIZE, 12, 41, 50)
        .parent(10, 20)
        .int8(Record.CGROUP, 77)
        .int4(Record.Exit.CODE, 3 << 8)
        .commit();
    List<Event> events = drain();
    assertThat(events)
        .extracting(Event::getKind)
        .as("the child is like its parent")
        .doesNotContain(Kind.FORK);
    assertThat(events.get(1).getProcess().getId()).isEqualTo(processes.id(12, 41));
    assertThat(events.get(1).getProcess().getExe()).isEqualTo("/usr/bin/sh");
    assertThat(events.get(1).getProcess().getAncestors(0).getCommandLine()).isEqualTo("sh");
    assertThat(events.get(1).getExit().getCode()).isEqualTo(3);
    assertThat(events.get(1).getExit().getLifetime()).isEqualTo(9);
  }

  @Test
  void shouldTellOfAChildInNamespacesOrACgroupOfItsOwn() throws InvalidProtocolBufferException {
    exec(10, 20, 30, "/usr/bin/sh", "sh\0");
    records
        .begin(Kind.FORK_VALUE, Record.Fork.SIZE, 10, 20, 40)
        .int8(Record.CGROUP, 77)
        .int8(Record.Fork.CHILD_START, 41)
        .int8(Record.Fork.CHILD_CGROUP, 78)
        .int4(Record.Fork.CHILD_PID, 12)
        .commit();
    Event fork = drain().get(1);
    assertThat(fork.getFork().getChildId()).isEqualTo(processes.id(12, 41));
    assertThat(fork.getFork().getOtherCgroup()).isTrue();
  }

  @Test
  void shouldNoticeChangedCredentials() throws InvalidProtocolBufferException {
    exec(10, 20, 30, "/usr/bin/su", "su\0");
    open(10, 20, 40, Record.FLAG_WRITE, "/tmp/a", 1);
    records
        .begin(Kind.OPEN_VALUE, Record.FileRecord.SIZE, 10, 20, 50)
        .int8(Record.CGROUP, 77)
        .int2(Record.FLAGS, Record.FLAG_WRITE)
        .int4(Record.UID, 1000)
        .path(Record.FileRecord.PATH, "/tmp/b")
        .commit();
    assertThat(drain())
        .extracting(event -> event.getProcess().getUid())
        .containsExactly(0, 0, 1000);
  }

  @Test
  void shouldRefuseARecordOfNoKnownKind() {
    records.begin(60, Record.HEADER, 1, 1, 1).commit();
    assertThatThrownBy(this::drain)
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("unknown kind=60");
  }

  @Test
  void shouldTellOfAHundredThousandProcessesAndRememberTheLimit() {
    exec(1, 1, 1, "/usr/bin/sleep", "sleep\0infinity\0");
    records.fill();
    Ring ring = records.ring();
    int record = 8; // after the ring's own header
    int told = 0;
    for (int pid = 1; pid <= 100_000; pid++) {
      records.data.putInt(record + Record.PID, pid);
      records.data.putLong(record + Record.START, pid);
      records.again();
      ring.refresh();
      assertThat(ring.hasHead()).isTrue();
      told += translator.translate(ring.data(), ring.head(), ring.headLength(), BOOT) ? 1 : 0;
      ring.next();
      assertThat(ring.hasHead()).isFalse();
      ring.release();
    }
    assertThat(told).isEqualTo(100_000);
    assertThat(processes.size()).isEqualTo(1000);
  }

  @Test
  void shouldAllocateNothingOnceWarm() throws InvalidProtocolBufferException {
    processes.add(1, 1, null, null, 0, 0, 0);
    exec(10, 20, 30, "/usr/bin/sh", "sh\0-c\0id\0");
    open(10, 20, 31, Record.FLAG_WRITE | Record.FLAG_CREATED, "/tmp/ünï/x", 1);
    open(10, 20, 32, Record.FLAG_WATCHED, "/home/u/.ssh/id_rsa", 2);
    records.begin(Kind.CONNECT_VALUE, Record.SocketRecord.SIZE, 10, 20, 33).int8(Record.CGROUP, 77);
    endpoint(Record.SocketRecord.SOCKET);
    records.commit();
    records
        .begin(Kind.FORK_VALUE, Record.Fork.SIZE, 10, 20, 40)
        .int8(Record.CGROUP, 77)
        .int8(Record.Fork.CHILD_START, 41)
        .int8(Record.Fork.CHILD_CGROUP, 77)
        .int4(Record.Fork.CHILD_PID, 12)
        .commit();
    records
        .begin(Kind.EXIT_VALUE, Record.Exit.SIZE, 12, 41, 50)
        .parent(10, 20)
        .int8(Record.CGROUP, 77)
        .commit();
    records.fill();
    Ring ring = records.ring();
    for (int i = 0; i < 20_000; i++) {
      assertThat(readAll(ring)).isEqualTo(5);
    }
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int rounds = 5000;
    int events = 0;
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < rounds; i++) {
      events += readAll(ring);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(events).isEqualTo(5 * rounds);
    assertThat(allocated).as("bytes for %d events", events).isLessThan(events / 10);
  }

  private int readAll(Ring ring) {
    records.again();
    int events = 0;
    ring.refresh();
    while (ring.hasHead()) {
      events += translator.translate(ring.data(), ring.head(), ring.headLength(), BOOT) ? 1 : 0;
      ring.next();
    }
    ring.release();
    return events;
  }
}
