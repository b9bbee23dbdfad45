package dev.interdict.benchmarks;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Connection;
import dev.interdict.schema.Event;
import dev.interdict.schema.Exec;
import dev.interdict.schema.Exit;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Process;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The events of one busy node: services, in containers and not, that start short-lived commands,
 * write files and talk to peers. Processes, arguments, paths and peers are new as often as on a
 * real host, for duplicates would compress to nothing.
 */
final class StorageEvents {
  private static final String[] COMMANDS = {"dash", "grep", "sed", "curl", "git", "cc1"};
  private static final int LIVE = 400;

  private final Random random;
  private final List<Process> live = new ArrayList<>();
  private final long step;
  private long time;
  private int pid = 1000;
  private Process busy;

  /**
   * @param step nanoseconds between two events, on average
   */
  StorageEvents(long seed, long start, long step) {
    random = new Random(seed);
    this.step = step;
    time = start;
  }

  Event next() {
    time += 1 + (long) (random.nextDouble() * 2 * step);
    int dice = random.nextInt(100);
    if (live.size() < 20 || dice < 12) {
      return event(Kind.EXEC, spawn()).setExec(Exec.getDefaultInstance()).build();
    }
    if (busy == null || random.nextDouble() > 0.7) {
      busy = live.get(random.nextInt(live.size()));
    }
    Process process = busy;
    if (dice < 24) {
      live.remove(process);
      busy = null;
      return event(Kind.EXIT, process)
          .setExit(Exit.newBuilder().setLifetime(random.nextInt(1 << 30)))
          .build();
    }
    return dice < 80
        ? event(Kind.OPEN, process).setOpen(open()).build()
        : event(Kind.CONNECT, process).setConnect(peer()).build();
  }

  private Event.Builder event(Kind kind, Process process) {
    return Event.newBuilder().setTime(time).setKind(kind).setProcess(process);
  }

  private Process spawn() {
    int service = random.nextInt(5);
    String name = COMMANDS[random.nextInt(COMMANDS.length)];
    Process.Builder process =
        Process.newBuilder()
            .setId(random.nextLong())
            .setPid(pid++)
            .setStartTime(time & Long.MAX_VALUE >>> 8)
            .setExe("/usr/bin/" + name)
            .setPath(name)
            .addArgs(name)
            .addArgs("--jobs=" + random.nextInt(64))
            .addArgs("/srv/data/" + Integer.toHexString(random.nextInt(50_000)) + ".json")
            .setCwd("/srv/app-" + service)
            .setUid(1000 + service)
            .setUser("svc" + service)
            .setComm(name)
            .setCgroup("/system.slice/service-" + service + ".service")
            .addAncestors(
                Ancestor.newBuilder()
                    .setId(77 + service)
                    .setPid(500 + service)
                    .setExe("/usr/sbin/service-" + service)
                    .setCommandLine("/usr/sbin/service-" + service + " --config /etc/service"));
    if (service < 3) {
      process
          .getContainerBuilder()
          .setId(String.format("%064x", service * 0x9e3779b9L))
          .setName("app-" + service)
          .setImage("registry.example/app-" + service + ":1." + service)
          .setNamespace("shop");
    }
    Process built = process.build();
    live.add(built);
    if (live.size() > LIVE) {
      live.remove(0);
    }
    return built;
  }

  private FileOperation.Builder open() {
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
        .setInode(1_000_000 + random.nextInt(200_000));
  }

  private Connection.Builder peer() {
    return Connection.newBuilder()
        .setFamily(Connection.Family.INET)
        .setProtocol("tcp")
        .setLocalAddress("10.0.0." + random.nextInt(4))
        .setLocalPort(32768 + random.nextInt(28000))
        .setRemoteAddress(
            "10." + random.nextInt(8) + "." + random.nextInt(40) + "." + random.nextInt(250))
        .setRemotePort(random.nextBoolean() ? 443 : 5432);
  }
}
