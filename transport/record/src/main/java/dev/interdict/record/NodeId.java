package dev.interdict.record;

import java.util.UUID;

public record NodeId(long hi, long lo) implements Comparable<NodeId> {
  public static NodeId random() {
    UUID uuid = UUID.randomUUID();
    return new NodeId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
  }

  /** Canonical UUID text: 36 characters. */
  public static NodeId parse(String text) {
    UUID uuid = UUID.fromString(text);
    if (!uuid.toString().equalsIgnoreCase(text)) {
      throw new IllegalArgumentException("invalid node id=" + text + " expected=UUID");
    }
    return new NodeId(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
  }

  /** Fixed here because streams are partitioned by it in several processes at once. */
  @Override
  public int hashCode() {
    return 31 * Long.hashCode(hi) + Long.hashCode(lo);
  }

  @Override
  public int compareTo(NodeId other) {
    int order = Long.compareUnsigned(hi, other.hi);
    return order != 0 ? order : Long.compareUnsigned(lo, other.lo);
  }

  @Override
  public String toString() {
    return new UUID(hi, lo).toString();
  }
}
