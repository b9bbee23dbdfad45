package dev.interdict.record;

/** The address of one event. As a place to read from it is inclusive. */
public record Position(NodeId node, long epoch, long sequence) {
  @Override
  public String toString() {
    return node + "/" + epoch + "/" + sequence;
  }
}
