package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import java.nio.ByteBuffer;

/** {@code struct socket_record} as the message Connection. */
final class SocketEvents {
  private SocketEvents() {}

  static boolean write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    Descriptors.writeConnection(
        out, EventDetail.numberOf(kind), data, at + Record.SocketRecord.SOCKET);
    return true;
  }
}
