package dev.interdict.benchmarks.faults;

/** What is done to the processes. */
public enum Fault {
  KILL_NODE("kill -9 of the node"),
  KILL_BACKPLANE("kill -9 of the backplane that the consumer is connected to, or of the other"),
  KILL_CONSUMER("kill -9 of the consumer"),
  KILL_ALL("kill -9 of all of them at once"),
  PARTITION_NODE("the node's link is cut"),
  PARTITION_CONSUMER("the consumer's link is cut"),
  PARTITION_BACKPLANE("a backplane's link is cut"),
  PACKET_LOSS("a tenth of the packets to node and consumer is dropped"),
  SLOW_LINK("the node's link carries 1 Mbit/s with 300 ms of queue"),
  DISK_FULL("the file system of the recorder has no byte left"),
  CLOCK_STEP("the node's events carry a clock that is a day ahead, or behind");

  private final String about;

  Fault(String about) {
    this.about = about;
  }

  public String about() {
    return about;
  }

  boolean isOfNetwork() {
    return switch (this) {
      case PARTITION_NODE, PARTITION_CONSUMER, PARTITION_BACKPLANE, PACKET_LOSS, SLOW_LINK -> true;
      default -> false;
    };
  }
}
