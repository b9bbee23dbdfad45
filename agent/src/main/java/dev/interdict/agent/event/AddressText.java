package dev.interdict.agent.event;

import java.nio.ByteBuffer;

/** Internet addresses as text, without allocation; IPv6 as RFC 5952 wants it. */
public final class AddressText {
  private AddressText() {}

  /** ::ffff:a.b.c.d, an IPv4 peer of an IPv6 socket. */
  public static boolean isMapped(ByteBuffer from, int at) {
    return from.getLong(at) == 0 && from.getShort(at + 8) == 0 && from.getShort(at + 10) == -1;
  }

  public static void appendV4(ProtoBuffer out, ByteBuffer from, int at) {
    for (int i = 0; i < 4; i++) {
      if (i > 0) {
        out.appendByte('.');
      }
      out.appendDecimal(from.get(at + i) & 0xff);
    }
  }

  public static void appendV6(ProtoBuffer out, ByteBuffer from, int at) {
    int bestStart = -1;
    int bestLength = 1; // a single zero group is not shortened
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && group(from, at, i + run) == 0) {
        run++;
      }
      if (run > bestLength) {
        bestStart = i;
        bestLength = run;
      }
      i += run;
    }
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        out.appendByte(':');
        out.appendByte(':');
        i += bestLength - 1;
        continue;
      }
      if (i > 0 && i != bestStart + bestLength) {
        out.appendByte(':');
      }
      out.appendHex(group(from, at, i));
    }
  }

  private static int group(ByteBuffer from, int at, int i) {
    return (from.get(at + 2 * i) & 0xff) << 8 | (from.get(at + 2 * i + 1) & 0xff);
  }
}
