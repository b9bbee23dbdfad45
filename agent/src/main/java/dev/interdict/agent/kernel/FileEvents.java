package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import java.nio.ByteBuffer;

/** {@code struct file_record} as the message FileOperation, of all kinds but OPEN. */
final class FileEvents {
  private FileEvents() {}

  static boolean write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    Spans.path(out, 1, data, at, Record.FileRecord.PATH);
    Spans.text(out, 2, data, at, Record.FileRecord.GIVEN);
    out.end(message);
    return true;
  }
}
