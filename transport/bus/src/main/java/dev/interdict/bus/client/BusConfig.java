package dev.interdict.bus.client;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.wire.Timeouts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How to reach the bus and as whom.
 *
 * @param backplanes a node connects to every one of them, a client to one at a time
 * @param minBackoff first pause after a lost connection; doubles up to {@code maxBackoff}, each
 *     shortened at random by up to a half
 * @param requestTimeout how long an alert or command may wait for its answer, including the time
 *     without a connection
 */
public record BusConfig(
    List<InetSocketAddress> backplanes,
    Identity identity,
    Timeouts timeouts,
    Duration minBackoff,
    Duration maxBackoff,
    Duration requestTimeout) {

  public BusConfig {
    backplanes = List.copyOf(backplanes);
    if (backplanes.isEmpty()) {
      throw new IllegalArgumentException("no backplane address given");
    }
    if (minBackoff.isNegative() || minBackoff.isZero() || maxBackoff.compareTo(minBackoff) < 0) {
      throw new IllegalArgumentException(
          "invalid minBackoff=" + minBackoff + " maxBackoff=" + maxBackoff);
    }
  }

  public BusConfig(List<InetSocketAddress> backplanes, Identity identity) {
    this(
        backplanes,
        identity,
        Timeouts.DEFAULT,
        Duration.ofMillis(50),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10));
  }
}
