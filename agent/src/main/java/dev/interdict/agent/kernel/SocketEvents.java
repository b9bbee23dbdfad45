package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/** {@code struct socket_record} as the message Connection. */
final class SocketEvents {
  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int OTHER_FAMILY = 63;

  private SocketEvents() {}

  static void write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    int family = data.getShort(at + Record.SocketRecord.FAMILY);
    int socket = at + Record.SocketRecord.SOCKET;
    switch (kind) {
      case Kind.UNIX_VALUE -> {
        out.number(1, family);
        unixPath(out, data, at);
        out.numberAlways(14, data.getInt(at + Record.SocketRecord.PEER_PID));
      }
      case Kind.RAWSOCKET_VALUE -> {
        boolean known = family == INET || family == INET6 || family == 17;
        out.number(1, known ? family : OTHER_FAMILY);
        protocol(out, data.getShort(socket + Record.Endpoint.PROTOCOL) & 0xffff);
      }
      default -> Descriptors.writeEndpoint(out, data, socket);
    }
    type(out, data.getShort(at + Record.SocketRecord.SOCKET_TYPE));
    if (kind == Kind.DISCONNECT_VALUE) {
      out.numberAlways(9, data.getLong(at + Record.SocketRecord.SENT));
      out.numberAlways(10, data.getLong(at + Record.SocketRecord.RECEIVED));
      out.number(11, data.getLong(at + Record.SocketRecord.DURATION));
    } else if (kind == Kind.DNS_VALUE) {
      int length = Spans.length(data, at, Record.SocketRecord.PAYLOAD);
      DnsQuestion.write(out, data, Spans.start(data, at, Record.SocketRecord.PAYLOAD), length);
    }
    out.end(message);
  }

  /** An abstract name begins with a zero and may hold others; another ends at its first. */
  private static void unixPath(ProtoBuffer out, ByteBuffer data, int at) {
    int from = Spans.start(data, at, Record.SocketRecord.SOCKET_PATH);
    int length = Spans.length(data, at, Record.SocketRecord.SOCKET_PATH);
    if (length == 0) {
      return;
    }
    int text = out.begin(7);
    if (data.get(from) == 0) {
      out.appendByte('@');
      out.appendText(data, from + 1, length - 1);
    } else {
      int end = 0;
      while (end < length && data.get(from + end) != 0) {
        end++;
      }
      out.appendText(data, from, end);
    }
    out.end(text);
  }

  private static void protocol(ProtoBuffer out, int protocol) {
    switch (protocol) {
      case 1 -> out.ascii(2, "icmp");
      case 6 -> out.ascii(2, "tcp");
      case 17 -> out.ascii(2, "udp");
      case 58 -> out.ascii(2, "icmp6");
      default -> {
        int text = out.begin(2);
        out.appendDecimal(protocol);
        out.end(text);
      }
    }
  }

  private static void type(ProtoBuffer out, int type) {
    switch (type) {
      case 1 -> out.ascii(8, "stream");
      case 2 -> out.ascii(8, "datagram");
      case 3 -> out.ascii(8, "raw");
      case 5 -> out.ascii(8, "seqpacket");
      case 10 -> out.ascii(8, "packet");
      default -> {
        int text = out.begin(8);
        out.appendDecimal(type);
        out.end(text);
      }
    }
  }
}
