package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import java.nio.ByteBuffer;

/**
 * A ring of io_uring set up: the numbers of {@code struct call_record} as {@code setup.h} has them.
 */
final class RingEvents {
  private RingEvents() {}

  static void write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    out.numberAlways(1, data.getLong(at + Record.Call.NUMBERS));
    out.numberAlways(2, data.getLong(at + Record.Call.NUMBERS + 8));
    out.end(message);
  }
}
