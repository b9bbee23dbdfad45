package dev.interdict.record;

import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;

/** The bytes of Gap events. */
final class GapEvents {
  private GapEvents() {}

  static byte[] bytes(long time, Gap.Builder gap) {
    return Event.newBuilder()
        .setTime(Math.max(1, time)) // zero would not be written
        .setKind(Kind.GAP)
        .setGap(gap)
        .build()
        .toByteArray();
  }
}
