package dev.interdict.bus.backplane;

import dev.interdict.bus.wire.Counters;
import java.util.concurrent.atomic.LongAdder;

/** What a backplane has relayed, refused and dropped since it started. */
public final class BackplaneCounters {
  public final Counters connections = new Counters();

  /** Not let in because as many as allowed were there. */
  public final LongAdder connectionsOverLimit = new LongAdder();

  public final LongAdder frames = new LongAdder();
  public final LongAdder frameBytes = new LongAdder();

  /** Messages for a stream that its consumer had just left. */
  public final LongAdder orphans = new LongAdder();

  /** Bytes that wait here for their turn at present. */
  public final LongAdder queuedBytes = new LongAdder();

  /** Streams cut off because too much waited for their consumer; they go on from their position. */
  public final LongAdder overflows = new LongAdder();

  public final LongAdder alerts = new LongAdder();
  public final LongAdder commands = new LongAdder();

  BackplaneCounters() {}
}
