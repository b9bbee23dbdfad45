package dev.interdict.agent.kernel;

import dev.interdict.agent.application.ProcessMaps;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows every copy of bash, libreadline, OpenSSL and libpam that any process has mapped, and
 * attaches to it what is asked for. A thread of its own, as files have to be read: the kernel tells
 * of each executable file that it maps until that has been looked at. While no kind of application
 * is asked for nothing is attached, looked at, or told.
 */
final class Uprobes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Uprobes.class);

  /** Kinds that are seen from inside processes. */
  static final long KINDS =
      Kinds.bit(Kind.READLINE) | Kinds.bit(Kind.TLS) | Kinds.bit(Kind.AUTHENTICATION);

  static final int LIMIT = 256; // files attached to
  private static final int KNOWN_LIMIT = 4096;
  private static final int IMAGES_LIMIT = 1024;
  private static final int UNSEEN_LIMIT = 64;
  private static final int QUEUE = 1024;
  private static final int RECENT = 4096;
  private static final long SWEEP_EVERY = TimeUnit.MINUTES.toNanos(5);

  private static final String MULTIARCH =
      (System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64") + "-linux-gnu";
  private static final List<String> USUAL_DIRECTORIES =
      List.of("/usr/bin", "/usr/lib/" + MULTIARCH, "/usr/lib64", "/usr/lib");
  private static final List<String> USUAL_FILES =
      List.of("bash", "libreadline.so.8", "libssl.so.3", "libssl.so.1.1", "libpam.so.0");

  private record Identity(long device, long inode, long size) {}

  private record Look(int pid, int device, long inode, boolean executed) {}

  private final long handle;
  private final Path proc;
  private final ProcessMaps maps;
  private final Inbox inbox;
  private final BlockingQueue<Look> looks = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLongArray recent = new AtomicLongArray(RECENT);
  private final AtomicReferenceArray<byte[]> paths = new AtomicReferenceArray<>(LIMIT + 1);
  private final AtomicLong skipped = new AtomicLong();
  private final AtomicLong beyond = new AtomicLong();
  private final Map<Identity, UprobeTarget> images = new LinkedHashMap<>();
  private final Map<String, UprobeTarget> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, UprobeTarget> eldest) {
          return size() > KNOWN_LIMIT;
        }
      };
  private final List<Hook> unseen = new ArrayList<>();
  private final Thread thread;
  private volatile long wanted;
  private volatile boolean running = true;
  private volatile boolean idle;
  private long attached;
  private long sweep;
  private long sweptAt;

  /**
   * @param proc of the initial pid namespace, as the records' pids are
   */
  Uprobes(long handle, Path proc, Inbox inbox) {
    this.handle = handle;
    this.proc = proc;
    this.maps = new ProcessMaps(proc);
    this.inbox = inbox;
    this.thread = new Thread(this::run, "interdict-uprobes");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.setUncaughtExceptionHandler(
        (ended, e) -> LOG.error("no new bash, libssl or libpam is seen from here on", e));
  }

  void start() {
    thread.start();
  }

  /** What is to be attached from now on; from any thread, and done soon after. */
  void select(long kinds) {
    idle = false;
    wanted = kinds & KINDS;
    looks.offer(new Look(0, 0, 0, false)); // a full queue wakes it as well
  }

  /** Whether all that it was told has been done. */
  boolean isIdle() {
    return idle && looks.isEmpty() && attached == wanted;
  }

  /** A record of kind MAPPING. On the sensor's thread. */
  void mapped(int pid, int device, long inode) {
    look(pid, device, inode, false);
  }

  /** A record of kind EXEC. On the sensor's thread; what has been looked at costs nothing. */
  void executed(int pid, int device, long inode) {
    if (wanted != 0 && recent.get(slot(device, inode)) != key(device, inode)) {
      look(pid, device, inode, true);
    }
  }

  private void look(int pid, int device, long inode, boolean executed) {
    idle = false;
    if (!looks.offer(new Look(pid, device, inode, executed))) {
      skipped.incrementAndGet(); // told again when it is mapped the next time
    }
  }

  private static long key(int device, long inode) {
    return inode * 0x9e3779b97f4a7c15L ^ Integer.toUnsignedLong(device) * 0xc2b2ae3d27d4eb4fL | 1;
  }

  private static int slot(int device, long inode) {
    return (int) (key(device, inode) >>> 40) & (RECENT - 1);
  }

  /** Null where the number names no file. From any thread. */
  byte[] path(long number) {
    return number > 0 && number <= LIMIT ? paths.get((int) number) : null;
  }

  /** What cannot be seen of the processes that run here, for people; from any thread. */
  List<Hook> unseen() {
    List<Hook> rows = new ArrayList<>();
    synchronized (unseen) {
      rows.addAll(unseen);
    }
    long more = beyond.get();
    if (more > 0) {
      rows.add(
          new Hook(
              "tls",
              "uprobe/openssl",
              Hook.State.UNAVAILABLE,
              more + " files are not attached to, limit=" + LIMIT));
    }
    return rows;
  }

  private void run() {
    while (running) {
      try {
        Look look = looks.poll(idle ? 10_000 : 50, TimeUnit.MILLISECONDS);
        if (attached != wanted) {
          change(wanted);
        } else if (look == null && attached != 0 && System.nanoTime() - sweptAt > SWEEP_EVERY) {
          sweep();
        }
        if (look != null && look.pid != 0 && attached != 0) {
          look(look);
        }
        idle = looks.isEmpty();
      } catch (InterruptedException e) {
        running = false; // nobody does
      }
    }
    detach(0);
  }

  private void change(long kinds) {
    attached = kinds;
    if (kinds == 0) {
      forget();
    } else {
      detach(kinds);
      known.clear(); // to be opened again for what is new
      sweep();
    }
  }

  private void forget() {
    detach(0);
    images.clear();
    known.clear();
    clearRecent();
    Natives.forgetImages(handle);
    synchronized (unseen) {
      unseen.clear();
    }
  }

  private void clearRecent() {
    for (int i = 0; i < RECENT; i++) {
      recent.set(i, 0);
    }
  }

  private void detach(long kinds) {
    images.values().forEach(image -> detachUnwanted(image, kinds));
  }

  private void detachUnwanted(UprobeTarget image, long kinds) {
    image
        .links
        .entrySet()
        .removeIf(
            entry -> {
              boolean unwanted = (kinds & Kinds.bit(entry.getKey().kind())) == 0;
              if (unwanted) {
                Natives.detachUprobe(entry.getValue());
              }
              return unwanted;
            });
    if (image.links.isEmpty() && image.number != 0) {
      paths.set(image.number, null);
      image.number = 0;
    }
  }

  /** What every host has, so that not even its first use goes by while it is looked at. */
  private void openUsual() {
    Path root = proc.resolve("1/root");
    for (String directory : USUAL_DIRECTORIES) {
      for (String name : USUAL_FILES) {
        String path = directory + '/' + name;
        open(new ProcessMaps.Mapping("usual", 0, List.of(root + path, path), path), path);
      }
    }
  }

  /** Every process is looked at; what none has mapped twice in a row is let go. */
  private void sweep() {
    sweep++;
    openUsual();
    try {
      for (int pid : maps.all()) {
        if (!running || attached == 0) {
          return;
        }
        scan(pid);
      }
    } catch (IOException e) {
      LOG.warn("cannot list processes", e);
    }
    boolean forgotten =
        images
            .values()
            .removeIf(
                image -> {
                  boolean gone = image.swept < sweep - 1;
                  if (gone) {
                    detachUnwanted(image, 0);
                  }
                  return gone;
                });
    if (forgotten) {
      known.clear();
      clearRecent();
      Natives.forgetImages(handle);
    }
    sweptAt = System.nanoTime();
  }

  private void look(Look look) {
    if (scan(look.pid)) {
      if (look.executed) {
        recent.set(slot(look.device, look.inode), key(look.device, look.inode));
      } else {
        Natives.knowImage(handle, look.device, look.inode);
      }
    }
  }

  /** True if all that the process has mapped has been looked at. */
  private boolean scan(int pid) {
    if (pid == ProcessHandle.current().pid()) {
      return false;
    }
    boolean complete = true;
    try {
      for (ProcessMaps.Mapping mapping : maps.of(pid)) {
        String key = mapping.device() + ' ' + mapping.inode();
        UprobeTarget image = known.get(key);
        if (image == null && !known.containsKey(key)) {
          complete &= open(mapping, key);
        } else if (image != null) {
          image.swept = sweep;
        }
      }
    } catch (IOException e) {
      LOG.debug("cannot look at process {}: {}", pid, e.toString()); // gone, as a rule
      return false;
    }
    return complete;
  }

  private boolean open(ProcessMaps.Mapping mapping, String key) {
    long[] numbers = new long[3];
    for (String link : mapping.links()) {
      int file = Natives.openImage(link, numbers);
      if (file >= 0) {
        try {
          Identity identity = new Identity(numbers[0], numbers[1], numbers[2]);
          known.put(key, examine(file, identity, mapping));
          return true;
        } catch (IOException e) {
          LOG.debug("cannot read {}", link, e);
        } finally {
          Natives.closeFile(file);
        }
      }
    }
    return false;
  }

  /** Null where the file is of no interest. */
  private UprobeTarget examine(int file, Identity identity, ProcessMaps.Mapping mapping)
      throws IOException {
    UprobeTarget image = images.get(identity);
    if (image == null) {
      image = UprobeTarget.read(file, mapping.path());
      if (image == null || images.size() >= IMAGES_LIMIT) {
        return null;
      }
      images.put(identity, image);
    }
    image.swept = sweep;
    if (image.functions.isEmpty()) {
      tellUnseen(image);
    } else {
      attach(image, file);
    }
    return image;
  }

  private void attach(UprobeTarget image, int file) {
    for (UprobeTarget.Point point : UprobeTarget.POINTS) {
      Long offset = image.functions.get(point.function());
      boolean asked = (attached & Kinds.bit(point.kind())) != 0;
      if (offset == null || !asked || image.links.containsKey(point)) {
        continue;
      }
      if (image.number == 0 && !number(image)) {
        beyond.incrementAndGet();
        return;
      }
      long link =
          Natives.attachUprobe(
              handle, point.program(), point.atReturn(), file, offset, image.number);
      if (link < 0) {
        LOG.warn("cannot attach {} to {}: errno={}", point.program(), image.path, -link);
      } else {
        image.links.put(point, link);
      }
    }
  }

  private boolean number(UprobeTarget image) {
    for (int i = 1; i <= LIMIT; i++) {
      if (paths.get(i) == null) {
        image.number = i;
        paths.set(i, image.path.getBytes(StandardCharsets.UTF_8));
        return true;
      }
    }
    return false;
  }

  /** Once for each file: an event for rules, and a row for people. */
  private void tellUnseen(UprobeTarget image) {
    if (image.told || (attached & Kinds.bit(Kind.TLS)) == 0) {
      return;
    }
    image.told = true;
    String reason = image.path + " talks TLS by itself: " + image.unseen;
    synchronized (unseen) {
      if (unseen.size() < UNSEEN_LIMIT) {
        unseen.add(new Hook("tls", "uprobe/openssl", Hook.State.UNAVAILABLE, reason));
      }
    }
    inbox.tell("tls", "unseen", reason);
  }

  /** Detaches everything. */
  @Override
  public void close() {
    running = false;
    looks.offer(new Look(0, 0, 0, false));
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
