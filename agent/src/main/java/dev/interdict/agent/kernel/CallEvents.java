package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.ProcessTable;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import java.nio.ByteBuffer;

/** {@code struct call_record} as the message of its kind. */
final class CallEvents {
  private final ProcessTable processes;

  CallEvents(ProcessTable processes) {
    this.processes = processes;
  }

  boolean write(ProtoBuffer out, int kind, Process process, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    out.end(message);
    return true;
  }
}
