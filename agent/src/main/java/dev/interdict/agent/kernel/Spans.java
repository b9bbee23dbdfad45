package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;

/** {@code struct span}: bytes of a record, counted from its start. */
final class Spans {
  private Spans() {}

  static int start(ByteBuffer data, int at, int span) {
    return at + (data.getShort(at + span) & 0xffff);
  }

  static int length(ByteBuffer data, int at, int span) {
    return data.getShort(at + span + 2) & 0xffff;
  }

  /** Left out where it is empty. */
  static void text(ProtoBuffer out, int field, ByteBuffer data, int at, int span) {
    int length = length(data, at, span);
    if (length > 0) {
      out.text(field, data, start(data, at, span), length);
    }
  }

  /** Components, leaf first; left out where there are none. */
  static void path(ProtoBuffer out, int field, ByteBuffer data, int at, int span) {
    int length = length(data, at, span);
    if (length > 0) {
      out.path(field, data, start(data, at, span), length);
    }
  }
}
