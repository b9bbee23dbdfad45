package dev.interdict.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One event of each shape, as the agent would write it. */
final class SampleEvents {
  static final long TIME = 1_700_000_000_123_456_789L;

  private SampleEvents() {}

  static List<Event> all() {
    List<Event> events =
        new ArrayList<>(
            List.of(
                exec(), exit(), fork(), open(), connect(), accept(), dup(), gap(), tick(),
                daemon()));
    for (int kind = Kind.RENAME_VALUE; EventDetail.of(kind) != null; kind++) {
      events.add(scalars(kind));
    }
    return events;
  }

  /** Every field of the detail set, each to another value. */
  private static Event scalars(int kind) {
    Event.Builder event = base(Kind.forNumber(kind)).setCount(3).setIoUring(true);
    Message.Builder detail = event.getFieldBuilder(EventDetail.of(kind));
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
    return event.build();
  }

  static Event exec() {
    return base(Kind.EXEC)
        .setResult(-13)
        .setExec(
            Exec.newBuilder()
                .addFds(Fd.newBuilder().setNumber(0).setType(Fd.Type.SOCKET))
                .addFds(Fd.newBuilder().setNumber(1).setType(Fd.Type.OTHER))
                .addFds(Fd.newBuilder().setNumber(7).setType(Fd.Type.FILE).setPath("/x"))
                .setJustWritten(true)
                .setWriterId(77))
        .build();
  }

  static Event exit() {
    return base(Kind.EXIT).setExit(Exit.newBuilder().setCode(-1).setSignal(9)).build();
  }

  static Event fork() {
    return base(Kind.FORK).setFork(Fork.newBuilder().setChildId(-5).setChildPid(4243)).build();
  }

  static Event open() {
    return base(Kind.OPEN)
        .setOpen(
            FileOperation.newBuilder()
                .setPath("/etc/shadow")
                .setGiven("../shadow")
                .setFlags(0x8000)
                .setInode(-2L)
                .setWatched(true))
        .build();
  }

  static Event connect() {
    return base(Kind.CONNECT).setConnect(socket()).build();
  }

  static Event accept() {
    return base(Kind.ACCEPT).setAccept(socket().toBuilder().setFamilyValue(2)).build();
  }

  static Event dup() {
    return base(Kind.DUP)
        .setDup(
            Dup.newBuilder()
                .setFrom(5)
                .setFd(
                    Fd.newBuilder()
                        .setType(Fd.Type.SOCKET)
                        .setPath("socket:[123]")
                        .setSocket(socket())))
        .build();
  }

  static Event gap() {
    return Event.newBuilder()
        .setTime(TIME)
        .setKind(Kind.GAP)
        .setGap(
            Gap.newBuilder()
                .setReason(Gap.Reason.RING_FULL)
                .setLane(Lane.FILE)
                .setCount(12)
                .setCounted(true)
                .setFromTime(TIME - 5)
                .setUntilTime(TIME))
        .build();
  }

  static Event tick() {
    return Event.newBuilder()
        .setTime(TIME)
        .setKind(Kind.TICK)
        .setTick(Tick.getDefaultInstance())
        .build();
  }

  /** Of root, on the host, without arguments or ancestors. */
  static Event daemon() {
    return Event.newBuilder()
        .setTime(TIME)
        .setKind(Kind.EXIT)
        .setProcess(Process.newBuilder().setId(3).setPid(1).setExe("init").addArgs("init"))
        .setExit(Exit.getDefaultInstance())
        .build();
  }

  /** Sizes, lists and texts of any kind. */
  static Event random(Random random) {
    Event.Builder event = all().get(random.nextInt(all().size())).toBuilder();
    event.setTime(random.nextLong() | 1);
    Process.Builder process = event.getProcessBuilder().setUid(random.nextInt() & 0x7fffffff);
    for (int i = random.nextInt(40); i > 0; i--) {
      process.addArgs("é".repeat(random.nextInt(60)));
    }
    for (int i = random.nextInt(20); i > 0; i--) {
      process.addAncestors(
          Ancestor.newBuilder().setId(random.nextLong()).setExe("/a/".repeat(random.nextInt(4))));
    }
    return event.build();
  }

  private static Connection socket() {
    return Connection.newBuilder()
        .setFamily(Connection.Family.INET6)
        .setProtocol("tcp")
        .setLocalAddress("::1")
        .setLocalPort(40_000)
        .setRemoteAddress("2001:db8::7")
        .setRemotePort(443)
        .build();
  }

  private static Event.Builder base(Kind kind) {
    return Event.newBuilder()
        .setTime(TIME)
        .setKind(kind)
        .setProcess(
            Process.newBuilder()
                .setId(0xfedc_ba98_7654_3210L)
                .setPid(4242)
                .setStartTime(987_654_321)
                .setExe("/usr/bin/dash")
                .setPath("sh")
                .addArgs("sh")
                .addArgs("-c")
                .addArgs("")
                .addArgs("echo ü")
                .setCwd("/tmp")
                .setUid(33)
                .setGid(34)
                .setUser("www-data")
                .setComm("sh")
                .setCgroupId(1L << 40)
                .setCgroup("/kubepods/x")
                .setContainer(
                    Container.newBuilder()
                        .setId("3f2a")
                        .setName("web")
                        .setImage("shop:1")
                        .setPod("shop-1")
                        .setNamespace("prod")
                        .setRuntime("containerd"))
                .addAncestors(
                    Ancestor.newBuilder()
                        .setId(2)
                        .setPid(4200)
                        .setExe("/usr/sbin/nginx")
                        .setCommandLine("nginx: worker")
                        .setUid(33))
                .addAncestors(Ancestor.newBuilder().setPid(7))
                .addAncestors(Ancestor.newBuilder().setId(-1).setPid(1).setExe("/sbin/init")));
  }
}
