package dev.interdict.record;

import dev.interdict.schema.Event;
import dev.interdict.schema.Gap;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

final class Gaps {
  private Gaps() {}

  static List<Gap> read(Recorder recorder, long kinds) throws IOException {
    try (RecorderReader reader =
        recorder.reader(new Position(recorder.node(), recorder.epoch(), 1), kinds)) {
      return of(Flight.drain(reader));
    }
  }

  static List<Gap> of(List<Flight.Read> events) throws IOException {
    return events.stream().filter(e -> e.kind() == Kind.GAP_VALUE).map(Gaps::gap).toList();
  }

  static List<Flight.Read> without(List<Flight.Read> events) {
    return events.stream().filter(e -> e.kind() != Kind.GAP_VALUE).toList();
  }

  private static Gap gap(Flight.Read event) {
    try {
      return Event.parseFrom(event.body().getBytes(StandardCharsets.ISO_8859_1)).getGap();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
