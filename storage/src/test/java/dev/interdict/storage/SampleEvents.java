package dev.interdict.storage;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Container;
import dev.interdict.schema.Dup;
import dev.interdict.schema.Event;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.Fd;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Fork;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Lane;
import dev.interdict.schema.Process;
import dev.interdict.schema.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Events as a busy host makes them: a few services, in containers and not, that fork short-lived
 * commands with arguments, open files and talk to peers. Every process, argument, path and peer is
 * new as often as on a real host; the seed makes it repeatable.
 */
public final class SampleEvents {
  static final long START = 1_795_305_600_000_000_000L; // 2026-11-22T00:00:00Z

  private static final String[] SERVICES = {
    "/usr/sbin/nginx", "/usr/bin/python3.11", "/usr/bin/java", "/usr/sbin/sshd", "/usr/bin/dockerd"
  };
  private static final String[] COMMANDS = {
    "/usr/bin/dash",
    "/usr/bin/grep",
    "/usr/bin/sed",
    "/usr/bin/curl",
    "/usr/bin/git",
    "/usr/bin/cc1"
  };

  private final Random random;
  private final double burst;
  private final long step;
  private final List<Process> live = new ArrayList<>();
  private long time;
  private int nextPid = 1000;
  private Process busy;

  public SampleEvents(long seed) {
    this(seed, 0.7);
  }

  /** How likely an event is of the same process as the one before. */
  SampleEvents(long seed, double burst) {
    this(seed, burst, START, 1_000_000);
  }

  /**
   * @param step nanoseconds between two events, on average
   */
  public SampleEvents(long seed, double burst, long start, long step) {
    random = new Random(seed);
    this.burst = burst;
    this.step = step;
    time = start;
  }

  public Event next() {
    time += 1 + (long) (random.nextDouble() * 2 * step);
    int dice = random.nextInt(100);
    if (live.size() < 20 || dice < 12) {
      return exec(spawn());
    }
    if (busy == null || random.nextDouble() > burst) {
      busy = live.get(random.nextInt(live.size()));
    }
    Process process = busy;
    Event.Builder event = Event.newBuilder().setTime(time).setProcess(process);
    if (dice < 24) {
      live.remove(process);
      busy = null;
      return event
          .setKind(Kind.EXIT)
          .setExit(Exit.newBuilder().setLifetime(random.nextInt(1 << 30)))
          .build();
    }
    if (dice < 34) {
      return event
          .setKind(Kind.FORK)
          .setFork(Fork.newBuilder().setChildId(random.nextLong()).setChildPid(nextPid))
          .build();
    }
    if (dice < 80) {
      return event.setKind(Kind.OPEN).setOpen(open()).build();
    }
    if (dice < 97) {
      return event.setKind(Kind.CONNECT).setResult(dice < 82 ? -111 : 0).setConnect(peer()).build();
    }
    return Event.newBuilder().setTime(time).setKind(Kind.TICK).setTick(Tick.newBuilder()).build();
  }

  private Event exec(Process process) {
    Exec.Builder exec = Exec.newBuilder();
    for (int fd = 0; fd < 3; fd++) {
      exec.addFds(
          Fd.newBuilder()
              .setNumber(fd)
              .setType(Fd.Type.PIPE)
              .setPath("pipe:[" + random.nextInt(99999) + "]"));
    }
    return Event.newBuilder()
        .setTime(time)
        .setKind(Kind.EXEC)
        .setProcess(process)
        .setExec(exec)
        .build();
  }

  private Process spawn() {
    int service = random.nextInt(SERVICES.length);
    String command = COMMANDS[random.nextInt(COMMANDS.length)];
    String name = command.substring(command.lastIndexOf('/') + 1);
    long id = random.nextLong();
    Process.Builder process =
        Process.newBuilder()
            .setId(id)
            .setPid(nextPid++)
            .setStartTime(time - START + 7_000_000_000L)
            .setExe(command)
            .setPath(name)
            .addArgs(name)
            .addArgs("--jobs=" + random.nextInt(64))
            .addArgs("/srv/data/" + Integer.toHexString(random.nextInt(50_000)) + ".json")
            .setCwd("/srv/app-" + service)
            .setUid(service == 0 ? 33 : 1000 + service)
            .setGid(service == 0 ? 33 : 1000 + service)
            .setEuid(service == 0 ? 33 : 1000 + service)
            .setUser(service == 0 ? "www-data" : "svc" + service)
            .setComm(name)
            .setCgroupId(8000 + service)
            .setCgroup("/system.slice/service-" + service + ".service")
            .addAncestors(
                Ancestor.newBuilder()
                    .setId(77 + service)
                    .setPid(500 + service)
                    .setExe(SERVICES[service])
                    .setCommandLine(SERVICES[service] + " --config /etc/service-" + service)
                    .setUid(1000 + service)
                    .setStartTime(5_000_000_000L))
            .addAncestors(
                Ancestor.newBuilder()
                    .setId(1)
                    .setPid(1)
                    .setExe("/usr/lib/systemd/systemd")
                    .setCommandLine("/sbin/init")
                    .setStartTime(1));
    if (service < 3) {
      process.setContainer(
          Container.newBuilder()
              .setId(String.format("%064x", service * 0x9e3779b9L))
              .setName("app-" + service)
              .setImage("registry.example/app-" + service + ":1." + service)
              .setPod("app-" + service + "-7d4f")
              .setNamespace("shop")
              .setRuntime("containerd"));
    }
    Process built = process.build();
    live.add(built);
    if (live.size() > 400) {
      live.remove(0);
    }
    return built;
  }

  private FileOperation open() {
    String path =
        random.nextInt(4) == 0
            ? "/var/lib/app/" + Long.toHexString(random.nextLong() >>> 20) + ".tmp"
            : "/var/log/app/" + random.nextInt(300) + ".log";
    return FileOperation.newBuilder()
        .setPath(path)
        .setGiven(path)
        .setFlags(0x241)
        .setWrite(true)
        .setCreate(true)
        .setInode(1_000_000 + random.nextInt(200_000))
        .setDevice(0x800001)
        .build();
  }

  private Connection peer() {
    return Connection.newBuilder()
        .setFamily(Connection.Family.INET)
        .setProtocol("tcp")
        .setLocalAddress("10.0.0." + random.nextInt(4))
        .setLocalPort(32768 + random.nextInt(28000))
        .setRemoteAddress(
            "10." + random.nextInt(8) + "." + random.nextInt(40) + "." + random.nextInt(250))
        .setRemotePort(random.nextBoolean() ? 443 : 5432)
        .build();
  }

  /** One event of each kind with every field of it set to something that is not zero or empty. */
  static List<Event> full() {
    Process process =
        new SampleEvents(7)
            .spawn().toBuilder().setArgsTruncated(true).setTty("/dev/pts/3").setUid(0).build();
    Connection socket =
        Connection.newBuilder()
            .setFamily(Connection.Family.INET6)
            .setProtocol("tcp")
            .setLocalAddress("fd00::1")
            .setLocalPort(8080)
            .setRemoteAddress("2001:db8::7")
            .setRemotePort(4444)
            .build();
    Fd fd =
        Fd.newBuilder().setType(Fd.Type.SOCKET).setPath("socket:[991]").setSocket(socket).build();
    List<Event.Builder> events = new ArrayList<>();
    events.add(
        of(Kind.EXEC, process)
            .setExec(
                Exec.newBuilder()
                    .addFds(fd)
                    .addFds(fd.toBuilder().setNumber(1))
                    .addFds(
                        Fd.newBuilder()
                            .setNumber(2)
                            .setType(Fd.Type.TERMINAL)
                            .setPath("/dev/pts/3"))
                    .addFds(Fd.newBuilder().setNumber(9).setType(Fd.Type.FILE).setPath("/tmp/ü"))
                    .setMemfd(true)
                    .setDeleted(true)
                    .setJustWritten(true)
                    .setWriterId(-5)
                    .setScript("/opt/run.sh")
                    .setEnvironment("LD_PRELOAD=/tmp/x.so")
                    .setUpperLayer(true)));
    events.add(
        of(Kind.EXIT, process).setExit(Exit.newBuilder().setCode(-1).setSignal(9).setLifetime(5)));
    events.add(
        of(Kind.FORK, process)
            .setFork(
                Fork.newBuilder()
                    .setChildId(Long.MIN_VALUE)
                    .setChildPid(8)
                    .setNamespaces("net,pid")
                    .setOtherCgroup(true)));
    events.add(
        of(Kind.OPEN, process)
            .setOpen(
                FileOperation.newBuilder()
                    .setPath("/etc/shadow")
                    .setGiven("../shadow")
                    .setFlags(-1)
                    .setWrite(true)
                    .setCreate(true)
                    .setInode(-2)
                    .setDevice(-3)
                    .setWatched(true)));
    events.add(of(Kind.CONNECT, process).setResult(-111).setConnect(socket));
    events.add(of(Kind.ACCEPT, process).setAccept(socket));
    events.add(
        of(Kind.DUP, process)
            .setDup(Dup.newBuilder().setFrom(7).setTo(1).setFd(fd.toBuilder().setNumber(1))));
    events.add(
        Event.newBuilder()
            .setTime(START)
            .setKind(Kind.GAP)
            .setGap(
                Gap.newBuilder()
                    .setReason(Gap.Reason.RING_FULL)
                    .setLane(Lane.FILE)
                    .setCount(99)
                    .setCounted(true)
                    .setFromTime(START)
                    .setUntilTime(START + 1)
                    .setFirstSequence(4)
                    .setLastSequence(102)));
    events.add(Event.newBuilder().setTime(START).setKind(Kind.TICK).setTick(Tick.newBuilder()));
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED && kind.getNumber() > Kind.DUP_VALUE && kind.getNumber() < 62) {
        events.add(scalars(of(kind, process).setCount(12).setIoUring(true)));
      }
    }
    return events.stream().map(Event.Builder::build).toList();
  }

  /** Every field of the detail set, each to another value. */
  private static Event.Builder scalars(Event.Builder event) {
    Message.Builder detail = event.getFieldBuilder(EventDetail.of(event.getKindValue()));
    for (FieldDescriptor field : detail.getDescriptorForType().getFields()) {
      int number = field.getNumber();
      detail.setField(
          field,
          switch (field.getJavaType()) {
            case INT -> 1000 + number;
            case LONG -> -1000L - number;
            case BOOLEAN -> true;
            case ENUM -> field.getEnumType().getValues().get(1);
            default -> "ü" + number;
          });
    }
    return event;
  }

  private static Event.Builder of(Kind kind, Process process) {
    return Event.newBuilder().setTime(START + kind.getNumber()).setKind(kind).setProcess(process);
  }

  /** As a newer agent might send it: a field that this version does not know. */
  static byte[] withUnknownField(Event event) {
    return event
        .toByteString()
        .concat(ByteString.copyFrom(new byte[] {(byte) 0xa0, 0x06, 5}))
        .toByteArray();
  }
}
