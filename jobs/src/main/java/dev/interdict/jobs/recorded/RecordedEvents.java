package dev.interdict.jobs.recorded;

import dev.interdict.jobs.source.NodeEvent;
import java.io.IOException;

/** A recording, read from its beginning to its end; never held as a whole. One thread. */
public interface RecordedEvents extends AutoCloseable {
  /**
   * The epoch of an event that its record gives no address: its sequence is the line, from 0.
   * Epochs of recorders begin at 1.
   */
  long LINE_EPOCH = 0;

  /**
   * Null at the end.
   *
   * @throws InvalidInputException with the place and what is wrong there
   */
  NodeEvent next() throws IOException;

  /** Records read, of whatever kind. */
  long records();

  /** Records that stand for no event of ours. */
  long ignored();

  /** Gaps met: what was lost there cannot be judged. */
  long gaps();

  @Override
  void close() throws IOException;
}
