package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.wire.Timeouts;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Where a backplane listens, as whom, and what it lets its peers use.
 *
 * @param bind port 0 takes any free one
 * @param threads event loops
 * @param maxConnections of all peers, those not yet greeted included
 * @param maxStreams per connection
 * @param maxCredit bytes that one stream may have outstanding
 * @param alertTimeout how long a responder may take to make an alert durable
 * @param commandTimeout how long a node may take to carry out a command
 */
public record BackplaneConfig(
    InetSocketAddress bind,
    Identity identity,
    Timeouts timeouts,
    int threads,
    int maxConnections,
    int maxStreams,
    long maxCredit,
    Duration alertTimeout,
    Duration commandTimeout) {

  public BackplaneConfig(InetSocketAddress bind, Identity identity) {
    this(
        bind,
        identity,
        Timeouts.DEFAULT,
        Math.min(4, Runtime.getRuntime().availableProcessors()),
        8192,
        8192,
        16 << 20,
        Duration.ofSeconds(8),
        Duration.ofSeconds(8));
  }

  public BackplaneConfig withTimeouts(Timeouts value) {
    return new BackplaneConfig(
        bind,
        identity,
        value,
        threads,
        maxConnections,
        maxStreams,
        maxCredit,
        alertTimeout,
        commandTimeout);
  }
}
