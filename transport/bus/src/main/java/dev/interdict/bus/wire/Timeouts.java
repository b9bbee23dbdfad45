package dev.interdict.bus.wire;

import java.time.Duration;

/**
 * How long each side waits for the other.
 *
 * @param connect TCP connection
 * @param handshake from connected to greeted, TLS included
 * @param ping how often each side shows that it lives
 * @param idle how long a peer may go without completing a message
 */
public record Timeouts(Duration connect, Duration handshake, Duration ping, Duration idle) {
  public static final Timeouts DEFAULT =
      new Timeouts(
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofSeconds(2),
          Duration.ofSeconds(8));

  public Timeouts {
    if (idle.compareTo(ping) <= 0) {
      throw new IllegalArgumentException("invalid idle=" + idle + " must exceed ping=" + ping);
    }
  }
}
