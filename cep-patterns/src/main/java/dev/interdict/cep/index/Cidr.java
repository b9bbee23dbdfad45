package dev.interdict.cep.index;

import java.nio.charset.StandardCharsets;

/**
 * An address of a network. IPv4 is compared in its mapped form (::ffff:a.b.c.d), so that it does
 * not matter through which family a socket speaks it.
 */
public final class Cidr implements TextTest {
  private static final byte[][] NONE = {};

  /** Takes the 128 bits of an address, so that reading one allocates nothing. */
  private interface Bits {
    boolean test(long high, long low);
  }

  private final Bits within = this::contains;
  private final long high;
  private final long low;
  private final long highMask;
  private final long lowMask;

  private Cidr(long high, long low, int bits) {
    highMask = mask(Math.min(bits, 64));
    lowMask = mask(Math.max(bits - 64, 0));
    this.high = high & highMask;
    this.low = low & lowMask;
  }

  /**
   * @throws IllegalArgumentException with the reason
   */
  public static Cidr parse(String network) {
    int slash = network.indexOf('/');
    String address = slash < 0 ? network : network.substring(0, slash);
    boolean four = address.indexOf(':') < 0;
    int width = four ? 32 : 128;
    int bits = width;
    if (slash >= 0) {
      try {
        bits = Integer.parseInt(network.substring(slash + 1));
      } catch (NumberFormatException e) {
        bits = -1;
      }
    }
    byte[] text = address.getBytes(StandardCharsets.US_ASCII);
    long[] value = new long[2];
    Bits keep =
        (high, low) -> {
          value[0] = high;
          value[1] = low;
          return true;
        };
    if (bits < 0 || bits > width || !address(text, 0, text.length, keep)) {
      throw new IllegalArgumentException("invalid network " + network);
    }
    return new Cidr(value[0], value[1], four ? bits + 96 : bits);
  }

  private static long mask(int bits) {
    return bits == 0 ? 0 : -1L << (64 - bits);
  }

  @Override
  public boolean matches(byte[] array, int offset, int length) {
    return address(array, offset, length, within);
  }

  private boolean contains(long addressHigh, long addressLow) {
    return (addressHigh & highMask) == high && (addressLow & lowMask) == low;
  }

  @Override
  public byte[][] guards() {
    return NONE;
  }

  private static boolean address(byte[] text, int offset, int length, Bits value) {
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      if (text[i] == ':') {
        return six(text, offset, end, value);
      }
    }
    long four = four(text, offset, end);
    return four >= 0 && value.test(0, 0xffff_0000_0000L | four);
  }

  private static long four(byte[] text, int pos, int end) {
    long value = 0;
    for (int part = 0; part < 4; part++) {
      int number = 0;
      int digits = 0;
      while (pos < end && text[pos] >= '0' && text[pos] <= '9' && digits < 3) {
        number = number * 10 + text[pos++] - '0';
        digits++;
      }
      boolean separated = part == 3 ? pos == end : pos < end && text[pos++] == '.';
      if (digits == 0 || number > 255 || !separated) {
        return -1;
      }
      value = value << 8 | number;
    }
    return value;
  }

  private static boolean six(byte[] text, int pos, int end, Bits value) {
    long headHigh = 0;
    long headLow = 0;
    int head = -1; // groups before "::"
    long high = 0;
    long low = 0;
    int groups = 0;
    if (end - pos >= 2 && text[pos] == ':' && text[pos + 1] == ':') {
      head = 0;
      pos += 2;
    }
    while (pos < end && text[pos] != '%') {
      int start = pos;
      int group = 0;
      while (pos < end && Character.digit(text[pos], 16) >= 0 && pos - start < 4) {
        group = group << 4 | Character.digit(text[pos++], 16);
      }
      if (pos < end && text[pos] == '.') {
        long four = four(text, start, end);
        if (four < 0) {
          return false;
        }
        high = high << 32 | low >>> 32;
        low = low << 32 | four;
        groups += 2;
        break;
      }
      if (pos == start || ++groups > 8) {
        return false;
      }
      high = high << 16 | low >>> 48;
      low = low << 16 | group;
      if (pos < end && text[pos] == ':') {
        pos++;
        if (pos < end && text[pos] == ':') {
          if (head >= 0) {
            return false;
          }
          head = groups;
          headHigh = high;
          headLow = low;
          high = 0;
          low = 0;
          pos++;
        } else if (pos == end) {
          return false;
        }
      } else if (pos < end && text[pos] != '%') {
        return false;
      }
    }
    if (head < 0) {
      return groups == 8 && value.test(high, low);
    }
    int shift = 16 * (8 - head); // moves the head to the top; at most 64 bits of it if 64 or more
    if (head > 0 && shift >= 64) {
      high |= headLow << (shift - 64);
    } else if (head > 0) {
      high |= headHigh << shift | headLow >>> (64 - shift);
      low |= headLow << shift;
    }
    return groups < 8 && value.test(high, low);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cidr cidr
        && high == cidr.high
        && low == cidr.low
        && highMask == cidr.highMask
        && lowMask == cidr.lowMask;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(high * 31 + low) ^ Long.hashCode(highMask * 31 + lowMask);
  }

  @Override
  public String toString() {
    int bits = Long.bitCount(highMask) + Long.bitCount(lowMask);
    return String.format("in %016x%016x/%d", high, low, bits);
  }
}
