package dev.interdict.record;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's append-only log. append, flush, sync and close: one thread at a time. Everything else:
 * any thread. What was flushed survives the process; what was flushed more than the sync interval
 * ago, or before a sync, survives a power cut.
 */
public final class Recorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

  private final RecorderDirectory directory;
  private final Catalog catalog;
  private final Recovery recovery;
  private final EpochLog epoch;
  private final ZstdCompressCtx zstd = FrameEncoder.compressor();
  private final FrameEncoder[] encoders;
  private final LaneWriter[] writers;
  private final Losses[] losses;
  private final RetentionHolds holds;
  private final Retainer retainer;
  private final GroupCommit commit;
  private final FrameHeader header = new FrameHeader();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private long next;
  private long batchFirst;
  private int batchLanes; // bit map of those with an event in this batch
  private boolean disrupted; // the last write failed
  private final AtomicLong lost = new AtomicLong();
  private boolean closed;

  private Recorder(
      RecorderConfig config,
      RecorderDirectory directory,
      Catalog catalog,
      Recovery recovery,
      EpochLog epoch,
      RetentionHolds holds,
      boolean resumed)
      throws IOException {
    this.directory = directory;
    this.catalog = catalog;
    this.recovery = recovery;
    this.epoch = epoch;
    int lanes = config.retention().size();
    encoders = new FrameEncoder[lanes];
    writers = new LaneWriter[lanes];
    losses = new Losses[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      encoders[lane] = new FrameEncoder(zstd);
      losses[lane] = new Losses(lane);
      // An eighth, so that a lane holds at most that much more than its age.
      long age = Clocks.millis(config.retention().get(lane).age()) / 8;
      writers[lane] = new LaneWriter(epoch.lane(lane), catalog.node(), config.segmentBytes(), age);
      if (resumed) {
        writers[lane].resume();
      }
    }
    next = resumed ? recovery.lastSequence() + 1 : 1;
    batchFirst = next;
    epoch.publish(next - 1, resumed ? recovery.lossTime() : 0);
    this.holds = holds;
    retainer =
        new Retainer(catalog, config.retention(), holds, config.diskBytes(), config.segmentBytes());
    commit = new GroupCommit(writers, retainer, holds, config.syncInterval().toNanos());
  }

  public static Recorder open(RecorderConfig config) throws IOException {
    RecorderDirectory directory = RecorderDirectory.lock(config.directory());
    try {
      Catalog catalog = directory.load(config.node());
      EpochLog last = catalog.last();
      Recovery recovery =
          last == null ? Recovery.NEW_DIRECTORY : Recovery.of(last, directory.cleanMark());
      directory.eraseCleanMark();
      boolean resumed = last != null && recovery.clean();
      int lanes = config.retention().size();
      EpochLog epoch =
          resumed
              ? directory.continueEpoch(last, lanes)
              : directory.createEpoch(newEpoch(last), lanes);
      catalog.epochs().put(epoch.epoch(), epoch);
      RetentionHolds holds = RetentionHolds.load(config.directory(), catalog.node());
      Recorder recorder = new Recorder(config, directory, catalog, recovery, epoch, holds, resumed);
      recorder.begin();
      return recorder;
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  public NodeId node() {
    return catalog.node();
  }

  public long epoch() {
    return epoch.epoch();
  }

  /** What the last stop had left. */
  public Recovery recovery() {
    return recovery;
  }

  /** The sequence it was given. Readers see it after the next flush. */
  public long append(int lane, byte[] event, int offset, int length) {
    if (length > FrameHeader.MAX_EVENT_LENGTH) {
      return appendOversize(lane, length);
    }
    prepare(lane);
    if (!encoders[lane].add(next, event, offset, length)) {
      flush();
      prepare(lane);
      encoders[lane].add(next, event, offset, length);
    }
    batchLanes |= 1 << lane;
    return next++;
  }

  public long append(int lane, ByteBuffer event, int offset, int length) {
    if (length > FrameHeader.MAX_EVENT_LENGTH) {
      return appendOversize(lane, length);
    }
    prepare(lane);
    if (!encoders[lane].add(next, event, offset, length)) {
      flush();
      prepare(lane);
      encoders[lane].add(next, event, offset, length);
    }
    batchLanes |= 1 << lane;
    return next++;
  }

  /** Never fails: what the disk does not take is counted, and becomes a Gap when it does again. */
  public void flush() {
    if (next == batchFirst) {
      return;
    }
    writeBatch();
    if (!disrupted && tellLosses()) {
      writeBatch();
    }
    for (Runnable listener : listeners) {
      listener.run();
    }
  }

  /** Flushes, and returns when everything appended so far is on the disk. */
  public void sync() throws IOException {
    long lostBefore = lost();
    flush();
    commit.syncLanes();
    commit.check();
    if (lost() != lostBefore) {
      throw new IOException("the disk did not take " + (lost() - lostBefore) + " events");
    }
  }

  /** The last sequence that readers can see; 0 if none. */
  public long lastSequence() {
    return epoch.headSequence();
  }

  /** The latest event time that readers can see. */
  public long lastTime() {
    return epoch.headTime();
  }

  /** The epochs that are held, the present one last; reads an older one's last segment once. */
  public List<EpochRange> ranges() throws IOException {
    return catalog.ranges();
  }

  /** Events of this run that the disk did not take. */
  public long lost() {
    return lost.get();
  }

  /**
   * The listener runs on the writing thread after each flush, so it may only wake someone up. Run
   * the result to remove it.
   */
  public Runnable onFlush(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * An epoch that this recorder no longer has, or a sequence that retention has taken, is told as a
   * Gap; one that it has not reached is refused with IllegalArgumentException.
   */
  public RecorderReader reader(Position from, long kinds) throws IOException {
    return reader(from, kinds, null);
  }

  /** As above, of those events only that the predicate wants; null wants all of the kinds. */
  public RecorderReader reader(Position from, long kinds, EventPredicate wanted)
      throws IOException {
    if (!from.node().equals(node())) {
      throw new IllegalArgumentException(
          "position of another node=" + from.node() + " this node=" + node());
    }
    return RecorderReader.at(catalog, from.epoch(), from.sequence(), kinds, wanted);
  }

  /** From the first event at or after this time. */
  public RecorderReader readerFromTime(long time, long kinds) throws IOException {
    return readerFromTime(time, kinds, null);
  }

  public RecorderReader readerFromTime(long time, long kinds, EventPredicate wanted)
      throws IOException {
    return RecorderReader.atTime(catalog, time, kinds, wanted);
  }

  /** Only what is flushed after this call. */
  public RecorderReader readerFromHead(long kinds) throws IOException {
    return readerFromHead(kinds, null);
  }

  public RecorderReader readerFromHead(long kinds, EventPredicate wanted) throws IOException {
    return RecorderReader.at(catalog, epoch(), lastSequence() + 1, kinds, wanted);
  }

  /**
   * A named consumer has everything before this position for good: retention leaves it the rest of
   * these kinds, until the disk limit is reached or the name was not heard of for seven days. The
   * last position told counts, even if it lies before another. Survives a restart. False: there are
   * too many names already, and nothing is held for this one.
   */
  public boolean hold(String name, Position acknowledged, long kinds) {
    if (!acknowledged.node().equals(node()) || acknowledged.epoch() > epoch()) {
      throw new IllegalArgumentException(
          "position=" + acknowledged + " is not of node=" + node() + " up to epoch=" + epoch());
    }
    return holds.hold(name, acknowledged, kinds, System.currentTimeMillis());
  }

  /** As above, of all kinds. */
  public boolean hold(String name, Position acknowledged) {
    return hold(name, acknowledged, Kinds.ALL);
  }

  /** The consumer will not come back. */
  public void release(String name) {
    holds.release(name);
  }

  public List<Hold> holds() {
    return holds.list();
  }

  /**
   * Copies what was flushed of a span of time into an empty directory, which then reads like a
   * recorder's. Takes as long as the disk does.
   *
   * @param from Unix nanoseconds
   * @param until Unix nanoseconds
   */
  public RecordedWindow save(Path to, long from, long until, long maxBytes) throws IOException {
    return new WindowCopy(catalog, to, from, until, maxBytes).run();
  }

  /** Leaves the mark of a clean stop, if nothing was lost. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    flush();
    boolean clean = !disrupted && !pendingLosses();
    try (directory) {
      commit.close();
      commit.saveHolds();
      for (LaneWriter writer : writers) {
        writer.close();
      }
      zstd.close();
      commit.check();
      if (clean) {
        markClean();
      }
    }
  }

  private void markClean() {
    try {
      directory.writeCleanMark(new RecorderDirectory.CleanMark(epoch(), lastSequence()));
    } catch (IOException e) {
      LOG.warn("no room for the mark of a clean stop: the next start opens a new epoch", e);
    }
  }

  /** What the recorder's own thread does every second, with other limits. */
  void retain(List<RecorderConfig.Retention> quotas, long diskBytes) throws IOException {
    new Retainer(catalog, quotas, holds, diskBytes, 0).enforce(System.currentTimeMillis());
  }

  private static long newEpoch(EpochLog last) {
    // Milliseconds, so that not even a wiped disk makes an epoch come again.
    long now = System.currentTimeMillis();
    return last == null ? now : Math.max(last.epoch() + 1, now);
  }

  private void begin() {
    if (!recovery.clean()) {
      LOG.warn(
          "unclean stop: new epoch={} after sequence={} truncatedBytes={} damagedBytes={}",
          epoch(),
          recovery.lastSequence(),
          recovery.truncatedBytes(),
          recovery.damagedBytes());
      long now = Clocks.unixNanos();
      appendGap(
          now,
          Gap.newBuilder()
              .setReason(Gap.Reason.UNCLEAN_STOP)
              .setFromTime(Math.max(0, recovery.lossTime()))
              .setUntilTime(now));
      flush();
    }
    commit.start();
  }

  private void prepare(int lane) {
    if ((batchLanes & 1 << lane) == 0) {
      encoders[lane].begin(catalog.node(), epoch.epoch(), lane, batchFirst);
    }
  }

  private long appendOversize(int lane, int length) {
    LOG.warn("event is too large: length={} limit={}", length, FrameHeader.MAX_EVENT_LENGTH);
    long now = Clocks.unixNanos();
    lost.incrementAndGet();
    return appendGap(
        now,
        Gap.newBuilder()
            .setReason(Gap.Reason.OVERSIZE)
            .setLaneValue(lane)
            .setCount(1)
            .setCounted(true)
            .setFromTime(now)
            .setUntilTime(now));
  }

  /** In the lane of gaps, which every reader reads, whichever lane lost something. */
  private long appendGap(long time, Gap.Builder gap) {
    byte[] bytes = GapEvents.bytes(time, gap);
    return append(Lane.PROCESS_VALUE, bytes, 0, bytes.length);
  }

  private void writeBatch() {
    long last = next - 1;
    long time = epoch.headTime();
    IOException failure = null;
    for (int lane = 0; lane < writers.length; lane++) {
      if ((batchLanes & 1 << lane) != 0) {
        ByteBuffer frame = encoders[lane].finish(last, batchLanes);
        header.wrap(frame, 0);
        time = Math.max(time, header.lastTime());
        try {
          writers[lane].write(frame);
        } catch (IOException e) {
          losses[lane].add(header);
          lost.addAndGet(header.count());
          failure = e;
        }
      }
    }
    if (failure != null && !disrupted) {
      LOG.error("recorder cannot write; events are lost and counted until it can", failure);
    }
    disrupted = failure != null;
    long now = System.currentTimeMillis();
    for (LaneWriter writer : writers) {
      writer.publish();
      writer.rollIfOlder(now);
    }
    epoch.publish(last, time);
    batchFirst = next;
    batchLanes = 0;
  }

  private boolean pendingLosses() {
    return Arrays.stream(losses).anyMatch(loss -> !loss.isEmpty());
  }

  private boolean tellLosses() {
    boolean told = false;
    for (Losses loss : losses) {
      if (!loss.isEmpty()) {
        appendGap(epoch.headTime(), loss.gap());
        loss.clear();
        told = true;
      }
    }
    return told;
  }
}
