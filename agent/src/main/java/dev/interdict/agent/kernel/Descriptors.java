package dev.interdict.agent.kernel;

import dev.interdict.agent.event.AddressText;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Fd;
import java.nio.ByteBuffer;

/** {@code struct descriptor} and {@code struct endpoint} as the messages Fd and Connection. */
final class Descriptors {
  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private Descriptors() {}

  /**
   * @param fd where the descriptor is, {@code at} where the record that its span counts from is
   */
  static void write(ProtoBuffer out, int field, ByteBuffer data, int at, int fd) {
    int type = data.getShort(fd + Record.Descriptor.TYPE);
    int message = out.begin(field);
    out.number(1, data.getInt(fd + Record.Descriptor.NUMBER));
    out.number(2, type);
    int path = data.getShort(fd + Record.Descriptor.PATH) & 0xffff;
    int length = data.getShort(fd + Record.Descriptor.PATH + 2) & 0xffff;
    if (type == Fd.Type.SOCKET_VALUE || type == Fd.Type.PIPE_VALUE && length <= 1) {
      int text = out.begin(3);
      appendAscii(out, type == Fd.Type.SOCKET_VALUE ? "socket:[" : "pipe:[");
      appendLong(out, data.getLong(fd + Record.Descriptor.INODE));
      out.appendByte(']');
      out.end(text);
    } else if (path != 0) {
      out.path(3, data, at + path, length);
    }
    if (data.getShort(fd + Record.Descriptor.SOCKET + Record.Endpoint.FAMILY) != 0) {
      writeConnection(out, 4, data, fd + Record.Descriptor.SOCKET);
    }
    out.end(message);
  }

  static void writeConnection(ProtoBuffer out, int field, ByteBuffer data, int at) {
    int message = out.begin(field);
    writeEndpoint(out, data, at);
    out.end(message);
  }

  /** The fields of Connection that an internet socket has. */
  static void writeEndpoint(ProtoBuffer out, ByteBuffer data, int at) {
    int family = data.getShort(at + Record.Endpoint.FAMILY);
    int protocol = data.getShort(at + Record.Endpoint.PROTOCOL);
    int local = at + Record.Endpoint.LOCAL;
    int remote = at + Record.Endpoint.REMOTE;
    // A dual-stack socket that talks IPv4 is IPv4 to whoever asks about addresses.
    boolean mapped =
        family == INET6 && AddressText.isMapped(data, local) && AddressText.isMapped(data, remote);
    boolean v6 = family == INET6 && !mapped;
    int skip = mapped ? 12 : 0;
    out.number(1, v6 ? INET6 : INET);
    if (protocol == TCP) {
      out.ascii(2, "tcp");
    } else if (protocol == UDP) {
      out.ascii(2, "udp");
    }
    address(out, 3, data, local + skip, v6);
    out.number(4, port(data, at + Record.Endpoint.LOCAL_PORT));
    address(out, 5, data, remote + skip, v6);
    out.number(6, port(data, at + Record.Endpoint.REMOTE_PORT));
  }

  private static void address(ProtoBuffer out, int field, ByteBuffer data, int at, boolean v6) {
    int text = out.begin(field);
    if (v6) {
      AddressText.appendV6(out, data, at);
    } else {
      AddressText.appendV4(out, data, at);
    }
    out.end(text);
  }

  private static int port(ByteBuffer data, int at) {
    return (data.get(at) & 0xff) << 8 | (data.get(at + 1) & 0xff);
  }

  private static void appendAscii(ProtoBuffer out, String text) {
    for (int i = 0; i < text.length(); i++) {
      out.appendByte(text.charAt(i));
    }
  }

  private static void appendLong(ProtoBuffer out, long value) {
    if (value >= 10) {
      appendLong(out, value / 10);
    }
    out.appendByte('0' + (int) (value % 10));
  }
}
