package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;

/**
 * The first question of a DNS message (RFC 1035, 4.1), as a process sent it: whatever is wrong with
 * the message is left out, what could be read of the name is kept.
 */
final class DnsQuestion {
  private static final int HEADER = 12;
  private static final int NAME = 12;
  private static final int TYPE = 13;
  private static final int MAX_LABEL = 63;

  private DnsQuestion() {}

  static void write(ProtoBuffer out, ByteBuffer data, int from, int length) {
    int end = from + length;
    int at = from + HEADER;
    if (length <= HEADER || count(data, from + 4) == 0) {
      return;
    }
    int text = out.begin(NAME);
    boolean whole = true;
    boolean first = true;
    while (at < end && data.get(at) != 0) {
      int label = data.get(at) & 0xff;
      if (label > MAX_LABEL || at + 1 + label > end) { // a question has nothing to point back to
        whole = false;
        break;
      }
      if (!first) {
        out.appendByte('.');
      }
      append(out, data, at + 1, label);
      first = false;
      at += 1 + label;
    }
    out.end(text);
    if (whole && at + 2 < end) {
      type(out, count(data, at + 1));
    }
  }

  private static int count(ByteBuffer data, int at) {
    return (data.get(at) & 0xff) << 8 | (data.get(at + 1) & 0xff);
  }

  /** A byte that would end a label or is not printable stands as \\xNN. */
  private static void append(ProtoBuffer out, ByteBuffer data, int from, int length) {
    for (int i = from; i < from + length; i++) {
      int c = data.get(i) & 0xff;
      if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\') {
        out.appendByte('\\');
        out.appendByte('x');
        out.appendByte(Character.forDigit(c >> 4, 16));
        out.appendByte(Character.forDigit(c & 15, 16));
      } else {
        out.appendByte(c >= 'A' && c <= 'Z' ? c + 32 : c);
      }
    }
  }

  private static void type(ProtoBuffer out, int type) {
    String name =
        switch (type) {
          case 1 -> "A";
          case 2 -> "NS";
          case 5 -> "CNAME";
          case 6 -> "SOA";
          case 10 -> "NULL";
          case 12 -> "PTR";
          case 15 -> "MX";
          case 16 -> "TXT";
          case 28 -> "AAAA";
          case 33 -> "SRV";
          case 65 -> "HTTPS";
          case 255 -> "ANY";
          default -> null;
        };
    if (name != null) {
      out.ascii(TYPE, name);
    } else {
      int text = out.begin(TYPE);
      out.appendDecimal(type);
      out.end(text);
    }
  }
}
