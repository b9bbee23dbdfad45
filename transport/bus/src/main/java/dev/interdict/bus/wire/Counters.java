package dev.interdict.bus.wire;

import dev.interdict.schema.Goodbye;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What went over the connections of one process part, and why connections were refused. */
public final class Counters {
  public final LongAdder connections = new LongAdder();
  public final LongAdder messages = new LongAdder();

  /** What a peer behind the backplane is said to have sent, and cannot have. */
  public final LongAdder forgeries = new LongAdder();

  public final LongAdder handshakeFailures = new LongAdder();
  private final Map<Goodbye.Code, LongAdder> goodbyes = new EnumMap<>(Goodbye.Code.class);

  public Counters() {
    for (Goodbye.Code code : Goodbye.Code.values()) {
      goodbyes.put(code, new LongAdder());
    }
  }

  /** Connections that this side closed for the reason given. */
  public LongAdder goodbyes(Goodbye.Code code) {
    return goodbyes.get(code);
  }
}
