package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroups;
import dev.interdict.agent.enrich.ContainerResolver;
import dev.interdict.agent.enrich.ContainerRuns;
import dev.interdict.agent.enrich.JustWritten;
import dev.interdict.agent.enrich.ProcFiles;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.enrich.Users;
import dev.interdict.agent.event.EventSink;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the kernel on a thread of its own and hands encoded events to the sink. */
public final class Sensor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sensor.class);
  private static final int JUST_WRITTEN_LIMIT = 32_768; // by inode and by path
  private static final int SMALL_RING = 64 << 10;
  private static final Path TYPES = Path.of("/sys/kernel/btf/vmlinux");

  private final long handle;
  private final List<Hook> hooks;
  private final Duty duty;
  private final Thread thread;
  private final KernelCounters counters;
  private final Uprobes uprobes;
  private final Selector selector;
  private final Inbox inbox;
  private SensorStats last;

  private Sensor(
      long handle,
      List<Hook> hooks,
      Duty duty,
      KernelCounters counters,
      Uprobes uprobes,
      Selector selector,
      Inbox inbox) {
    this.handle = handle;
    this.hooks = hooks;
    this.duty = duty;
    this.counters = counters;
    this.uprobes = uprobes;
    this.selector = selector;
    this.inbox = inbox;
    this.thread = new Thread(duty, "interdict-sensor");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (ended, e) -> LOG.error("the sensor has stopped: nothing is seen from here on", e));
  }

  /**
   * Attaches what this kernel offers; {@link #hooks} says what it was.
   *
   * @throws IOException if nothing can be loaded here; the message says why
   */
  public static Sensor start(SensorConfig config, EventSink sink) throws IOException {
    String[] reasons = new String[Program.ALL.size()];
    int[] rings = {config.processRing(), config.networkRing(), config.fileRing()};
    Path cgroups = cgroupRoot(config);
    long kinds = Selector.observed(Kinds.bits(config.kinds()));
    long handle = open(rings, cgroups, kinds, reasons);
    try {
      return start(config, sink, handle, Hook.describe(reasons));
    } catch (IOException | RuntimeException e) {
      Natives.close(handle);
      throw e;
    }
  }

  private static long open(int[] rings, Path cgroups, long kinds, String[] reasons)
      throws IOException {
    if (!Files.isReadable(TYPES)) {
      throw new UnsupportedKernelException(
          "this kernel has no BTF: "
              + TYPES
              + " is missing; one with CONFIG_DEBUG_INFO_BTF=y is needed",
          null);
    }
    try {
      return Natives.open(rings, cgroups == null ? null : cgroups.toString(), kinds, reasons);
    } catch (IOException e) {
      throw new UnsupportedKernelException(Capabilities.explain(e.getMessage()), e);
    }
  }

  private static Sensor start(SensorConfig config, EventSink sink, long handle, List<Hook> hooks)
      throws IOException {
    ByteBuffer shared = Natives.shared(handle).order(ByteOrder.nativeOrder());
    ProcFiles proc = new ProcFiles(config.proc());
    int[] caps = {0, config.containerRate(), config.containerRate()};
    CgroupRules rules = new CgroupRules(handle, caps);
    Path mount = cgroupRoot(config);
    ContainerResolver containers = new ContainerResolver(config.bundles());
    Cgroups cgroups =
        new Cgroups(
            containers,
            id -> mount == null ? null : Natives.cgroupPath(mount.toString(), id),
            proc,
            rules::met);
    ContainerRuns runs = new ContainerRuns(cgroups);
    Users users = new Users(Path.of("/etc/passwd"));
    ProcessTable processes = new ProcessTable(proc.bootId(), config.processes(), users);
    Images images = new Images(processes, cgroups, proc);
    Watchlist watchlist = new Watchlist(config.watched());
    long kinds = Kinds.bits(config.kinds());
    Inbox inbox = new Inbox();
    Uprobes uprobes = new Uprobes(handle, config.proc(), inbox);
    Translator translator =
        new Translator(
            processes,
            cgroups,
            new JustWritten(JUST_WRITTEN_LIMIT),
            watchlist,
            images,
            kinds,
            uprobes,
            new Containers(runs, containers));

    Ring[] rings = new Ring[3];
    for (int lane = 0; lane < rings.length; lane++) {
      rings[lane] =
          new Ring(
              Natives.consumer(handle, lane),
              Natives.producer(handle, lane),
              Natives.data(handle, lane));
    }
    KernelCounters counters = new KernelCounters(shared);
    watchlist.store(shared);
    shared.putInt(Record.Shared.AWAKE, 1);
    // Whatever happens from here on waits in the rings until the snapshot is complete.
    Selector selector = new Selector(handle, config, rules, translator, uprobes);
    selector.select(List.of());
    new Snapshot(handle, processes, cgroups, images, runs).load();
    Repeats repeats = new Repeats(Natives.repeats(handle));
    Duty duty =
        new Duty(
            handle,
            rings,
            shared,
            translator,
            processes,
            counters,
            repeats,
            rules,
            sink,
            inbox,
            config);
    Sensor sensor = new Sensor(handle, hooks, duty, counters, uprobes, selector, inbox);
    uprobes.start();
    sensor.thread.start();
    return sensor;
  }

  private static Path cgroupRoot(SensorConfig config) throws IOException {
    return config.cgroupRoot() != null
        ? config.cgroupRoot()
        : new ProcFiles(config.proc()).cgroupRoot();
  }

  /**
   * Observes what these want as well, from now on; hooks that nobody needs any more are let go.
   * Nothing that goes on is attached again. Any thread.
   *
   * @throws IOException if a hook cannot be attached
   */
  public synchronized void select(List<Interest> interests) throws IOException {
    if (last == null) {
      selector.select(interests);
    }
  }

  /** Loads and attaches everything for a moment, to see what this kernel offers. */
  public static List<Hook> probe() throws IOException {
    String[] reasons = new String[Program.ALL.size()];
    Path cgroups = cgroupRoot(SensorConfig.defaults());
    int[] rings = {SMALL_RING, SMALL_RING, SMALL_RING};
    Natives.close(open(rings, cgroups, Kinds.ALL, reasons));
    return Hook.describe(reasons);
  }

  /** Also what is known by now not to be seen inside the processes that run here. */
  public List<Hook> hooks() {
    List<Hook> all = new ArrayList<>(hooks);
    all.addAll(uprobes.unseen());
    return all;
  }

  /** For events that come from elsewhere. */
  public Inbox inbox() {
    return inbox;
  }

  /** Whether every file that processes have mapped by now has been attached to. */
  boolean isAttached() {
    return uprobes.isIdle();
  }

  /**
   * Finds what others have changed of its programs and filters, mends it, and tells of it in
   * events. From any thread.
   *
   * @param thorough looks through all tables
   */
  public synchronized void inspect(boolean thorough) {
    if (last != null || !thread.isAlive()) {
      return;
    }
    String found = Natives.inspect(handle, thorough);
    if (found == null) {
      return;
    }
    for (String line : found.split("\n")) {
      String[] words = line.split("\t", 3);
      LOG.warn("{} {}: {}", words[0], words[1], words[2]);
      inbox.tell(words[0], words[1], words[2]);
    }
  }

  /** From any thread. */
  public synchronized SensorStats stats() {
    return last != null ? last : duty.stats(counters);
  }

  /** False once its thread has ended, whether it was closed or failed. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  /** Detaches everything; what the rings hold by then is still delivered. */
  @Override
  public synchronized void close() {
    if (last != null) {
      return;
    }
    duty.stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    last = duty.stats(counters);
    uprobes.close();
    Natives.close(handle);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
