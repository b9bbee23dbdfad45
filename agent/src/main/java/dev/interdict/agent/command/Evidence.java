package dev.interdict.agent.command;

import dev.interdict.record.OfflineRecorder;
import dev.interdict.record.OfflineRecorder.SegmentReport;
import dev.interdict.record.RecordedWindow;
import dev.interdict.record.Recorder;
import dev.interdict.schema.SaveWindow;
import dev.interdict.schema.SavedWindow;
import dev.interdict.schema.SavedWindow.State;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Windows of the recorder, each in a folder that retention does not reach and that reads like a
 * recorder's, and beside it what was there of those that it is about, below {@code state}. Copied
 * on a thread of its own, so that no containment waits for it; what a stop interrupts is begun anew
 * at the next start. Only people delete evidence. Any thread.
 */
public final class Evidence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Evidence.class);
  private static final long DEFAULT_BYTES = 256L << 20;
  private static final long MAX_BYTES = 1L << 30;
  private static final long MAX_TOTAL_BYTES = 4L << 30;
  private static final int MAX_WINDOWS = 256;
  private static final long PATIENCE_MILLIS =
      50; // commands wait behind it; who wants to know asks again
  private static final String PARTIAL = ".part";
  private static final String REQUEST = "request";
  private static final String WINDOW = "window";
  private static final String STATE = "state";

  private final Path directory;
  private final Recorder recorder;
  private final CgroupTree cgroups;
  private final Targets targets;
  private final Map<String, SavedWindow> windows = new ConcurrentSkipListMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread copier = new Thread(task, "interdict-evidence");
            copier.setDaemon(true);
            return copier;
          });
  private volatile Consumer<SavedWindow> listener = window -> {};

  private Evidence(Path directory, Recorder recorder, CgroupTree cgroups, CgroupScope scope) {
    this.directory = directory;
    this.recorder = recorder;
    this.cgroups = cgroups;
    this.targets = new Targets(cgroups, scope);
  }

  /**
   * @param scope the cgroups whose processes may be looked at
   */
  public static Evidence open(Path directory, Recorder recorder, CgroupScope scope)
      throws IOException {
    Files.createDirectories(directory);
    Evidence evidence = new Evidence(directory, recorder, CgroupTree.mounted(), scope);
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (Files.exists(entry.resolve(WINDOW))) {
          evidence.windows.put(
              name, SavedWindow.parseFrom(Files.readAllBytes(entry.resolve(WINDOW))));
        } else if (name.endsWith(PARTIAL) && Files.exists(entry.resolve(REQUEST))) {
          evidence.begin(SaveWindow.parseFrom(Files.readAllBytes(entry.resolve(REQUEST))));
        }
      }
    }
    return evidence;
  }

  /** Told of each window that is saved or could not be. */
  void onFinished(Consumer<SavedWindow> value) {
    listener = value;
  }

  /** Checks a request before anything of it is written or done; the request with all filled in. */
  SaveWindow check(SaveWindow request, long now) throws RefusedException, IOException {
    String name = request.getName();
    if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new RefusedException(
          "invalid window name=" + name + " expected 1 to 64 of A-Z a-z 0-9 _ -");
    }
    if (request.getUntil() > now) {
      throw new RefusedException(
          "the window ends in the future: until=%s, it is now %s"
              .formatted(instant(request.getUntil()), instant(now)));
    }
    SaveWindow.Builder full = request.toBuilder();
    if (request.getUntil() == 0) {
      full.setUntil(now);
    }
    if (full.getFrom() >= full.getUntil()) {
      throw new RefusedException(
          "the window is empty: from=%s until=%s"
              .formatted(instant(full.getFrom()), instant(full.getUntil())));
    }
    if (request.getMaxBytes() == 0) {
      full.setMaxBytes(DEFAULT_BYTES);
    }
    if (full.getMaxBytes() < 0 || full.getMaxBytes() > MAX_BYTES) {
      throw new RefusedException(
          "invalid max_bytes=" + Long.toUnsignedString(full.getMaxBytes()) + " limit=" + MAX_BYTES);
    }
    if (find(name) != null) {
      throw new RefusedException("there is a window name=" + name + " already");
    }
    inScope(request.getStateOf());
    long wanted = full.getMaxBytes() * (request.hasStateOf() ? 2 : 1);
    long kept = list().stream().mapToLong(each -> each.getBytes() + each.getStateBytes()).sum();
    if (kept + wanted > MAX_TOTAL_BYTES || windows.size() >= MAX_WINDOWS) {
      throw new RefusedException(
          "too much evidence: %d windows with %d bytes, limit=%d and %d; remove some from %s"
              .formatted(windows.size(), kept, MAX_WINDOWS, MAX_TOTAL_BYTES, directory));
    }
    long free = Files.getFileStore(directory).getUsableSpace();
    if (free < wanted) {
      throw new IOException(
          "no room for %d bytes: %s has %d left".formatted(wanted, directory, free));
    }
    return full.build();
  }

  /** What is gone by now does not keep the window from being saved. */
  private void inScope(Target target) throws RefusedException {
    if (target.getCgroup().isEmpty()) {
      return;
    }
    try {
      targets.cgroup(target);
    } catch (IOException gone) {
      LOG.debug("{} is gone", target.getCgroup(), gone);
    }
  }

  /** Whose state is asked for. */
  private Collection<ProcessStat> processes(Target target) throws RefusedException, IOException {
    if (target.getCgroup().isEmpty()) {
      ProcessStat process = targets.process(target);
      ProcessFamily family = new ProcessFamily(process.pid(), process.ticks());
      family.grow();
      return family.members();
    }
    List<ProcessStat> processes = new ArrayList<>();
    for (int pid : cgroups.processes(targets.cgroup(target))) {
      ProcessStat stat = ProcessStat.of(pid);
      if (stat != null && !stat.isZombie()) {
        processes.add(stat);
      }
    }
    return processes;
  }

  /** As it is after a short while: done if it was small. */
  SavedWindow save(SaveWindow request) throws IOException {
    Path folder = directory.resolve(request.getName() + PARTIAL);
    Files.createDirectories(folder);
    Files.write(folder.resolve(REQUEST), request.toByteArray());
    Future<?> copy = begin(request);
    try {
      copy.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.debug("window {} takes longer", request.getName(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return windows.get(request.getName());
  }

  List<SavedWindow> list() {
    windows.values().removeIf(this::isRemoved);
    return new ArrayList<>(windows.values());
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("a window is still being saved");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As it is now, or failed; null if there never was one. */
  SavedWindow last(String name) {
    return windows.get(name);
  }

  /** Null if there is none; one that failed does not count. */
  SavedWindow find(String name) {
    SavedWindow window = last(name);
    return window == null || window.getState() == State.FAILED || isRemoved(window) ? null : window;
  }

  private boolean isRemoved(SavedWindow window) {
    return window.getState() == State.SAVED && !Files.exists(directory.resolve(window.getName()));
  }

  private Future<?> begin(SaveWindow request) {
    windows.put(request.getName(), window(request, State.SAVING, "").build());
    return thread.submit(() -> run(request));
  }

  private void run(SaveWindow request) {
    SavedWindow window;
    try {
      window = copy(request);
    } catch (Throwable e) { // an error, too: whoever waits for it must hear of it
      if (Thread.currentThread().isInterrupted()) {
        return; // the agent stops, and goes on when it starts
      }
      LOG.error("window {} cannot be saved", request.getName(), e);
      window = window(request, State.FAILED, e.toString()).build();
      discard(directory.resolve(request.getName() + PARTIAL));
    }
    windows.put(request.getName(), window);
    listener.accept(window);
  }

  private SavedWindow copy(SaveWindow request) throws IOException {
    Path folder = directory.resolve(request.getName() + PARTIAL);
    delete(folder, false);
    StateFolder state = request.hasStateOf() ? state(request, folder.resolve(STATE)) : null;
    RecordedWindow copied =
        recorder.save(folder, request.getFrom(), request.getUntil(), request.getMaxBytes());
    long frames = 0;
    long events = 0;
    for (SegmentReport segment : OfflineRecorder.open(folder).inspect(true)) {
      frames += segment.frames();
      events += segment.events();
    }
    if (frames != copied.frames() || events != copied.events()) {
      throw new IOException(
          "read back %d frames and %d events of %d and %d that were copied"
              .formatted(frames, events, copied.frames(), copied.events()));
    }
    SavedWindow.Builder saved =
        window(request, State.SAVED, "")
            .setFrames(frames)
            .setEvents(events)
            .setBytes(copied.bytes())
            .setLeftOutEvents(copied.leftOutEvents());
    if (state != null) {
      saved
          .setProcesses(state.processes())
          .setFiles(state.files())
          .setStateBytes(state.bytes())
          .setLeftOutFiles(state.leftOut());
    }
    SavedWindow window = saved.setMessage(message(saved, request)).build();
    Files.write(folder.resolve(WINDOW), window.toByteArray());
    Files.move(folder, directory.resolve(request.getName()), StandardCopyOption.ATOMIC_MOVE);
    return window;
  }

  /** What has ended before its state could be copied leaves the window, which says so. */
  private StateFolder state(SaveWindow request, Path folder) throws IOException {
    StateFolder state = new StateFolder(folder, request.getMaxBytes());
    try {
      boolean container = !request.getStateOf().getCgroup().isEmpty();
      new StateCopy(state).run(processes(request.getStateOf()), container);
    } catch (RefusedException | IOException e) {
      LOG.warn("the state of {} cannot be saved whole", request.getName(), e);
      state.leaveOut(String.valueOf(e.getMessage()), 1);
    }
    state.finish();
    return state;
  }

  private static String message(SavedWindow.Builder saved, SaveWindow request) {
    List<String> parts = new ArrayList<>();
    if (request.hasStateOf()) {
      parts.add(
          saved.getProcesses() + " processes and " + saved.getFiles() + " changed files are saved");
    }
    if (saved.getLeftOutFiles() > 0) {
      parts.add(saved.getLeftOutFiles() + " files are left out: see state/" + StateFolder.MANIFEST);
    }
    if (saved.getLeftOutEvents() > 0) {
      parts.add(
          saved.getLeftOutEvents() + " events are left out: max_bytes=" + request.getMaxBytes());
    }
    return String.join("; ", parts);
  }

  private static SavedWindow.Builder window(SaveWindow request, State state, String message) {
    return SavedWindow.newBuilder()
        .setName(request.getName())
        .setState(state)
        .setMessage(message)
        .setFrom(request.getFrom())
        .setUntil(request.getUntil());
  }

  private static void discard(Path folder) {
    try {
      delete(folder, true);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed", folder, e);
    }
  }

  /** The folder and what is in it, or all of that but the request. */
  private static void delete(Path folder, boolean all) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        boolean kept = each.equals(folder) || each.equals(folder.resolve(REQUEST));
        if (all || !kept) {
          Files.delete(each);
        }
      }
    }
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
