package dev.interdict.bus.backplane;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.IdentitySource;
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
 * @param limits what may be sent and queued
 * @param alertTimeout how long a responder may take to make an alert durable
 * @param commandTimeout how long a node may take to carry out a command
 */
public record BackplaneConfig(
    InetSocketAddress bind,
    IdentitySource identities,
    Timeouts timeouts,
    int threads,
    int maxConnections,
    int maxStreams,
    long maxCredit,
    Limits limits,
    Duration alertTimeout,
    Duration commandTimeout) {

  /**
   * Bytes per second are those sent to consumers; 0: no limit.
   *
   * @param bytesPerSecond of all together, in equal turns while it is not enough
   * @param nodeBytesPerSecond of one node, to whomever
   * @param consumerBytesPerSecond of one consumer's connection
   * @param maxQueuedBytes that wait here for one consumer; beyond it streams are cut off and ask
   *     again
   */
  public record Limits(
      long bytesPerSecond,
      long nodeBytesPerSecond,
      long consumerBytesPerSecond,
      long maxQueuedBytes) {
    public static final Limits NONE = new Limits(0, 0, 0, 64 << 20);

    public Limits {
      if (bytesPerSecond < 0
          || nodeBytesPerSecond < 0
          || consumerBytesPerSecond < 0
          || maxQueuedBytes <= 0) {
        throw new IllegalArgumentException(
            "invalid bytesPerSecond="
                + bytesPerSecond
                + " nodeBytesPerSecond="
                + nodeBytesPerSecond
                + " consumerBytesPerSecond="
                + consumerBytesPerSecond
                + " maxQueuedBytes="
                + maxQueuedBytes);
      }
    }
  }

  public BackplaneConfig(InetSocketAddress bind, IdentitySource identities) {
    this(
        bind,
        identities,
        Timeouts.DEFAULT,
        Math.min(4, Runtime.getRuntime().availableProcessors()),
        8192,
        8192,
        16 << 20,
        Limits.NONE,
        Duration.ofSeconds(8),
        Duration.ofSeconds(8));
  }

  /** As it is now. */
  public Identity identity() {
    return identities.identity();
  }

  public BackplaneConfig withTimeouts(Timeouts value) {
    return new BackplaneConfig(
        bind,
        identities,
        value,
        threads,
        maxConnections,
        maxStreams,
        maxCredit,
        limits,
        alertTimeout,
        commandTimeout);
  }

  public BackplaneConfig withLimits(Limits value) {
    return new BackplaneConfig(
        bind,
        identities,
        timeouts,
        threads,
        maxConnections,
        maxStreams,
        maxCredit,
        value,
        alertTimeout,
        commandTimeout);
  }
}
