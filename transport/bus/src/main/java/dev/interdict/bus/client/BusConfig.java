package dev.interdict.bus.client;

import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.IdentitySource;
import dev.interdict.bus.wire.Timeouts;
import java.net.InetAddress;
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
 * @param shedAfter nodes: how far a live stream may lag before files are left out of it; network
 *     after twice, processes after eight times as long
 * @param resolver asked again and again for backplanes that are given by an unresolved name
 * @param acceptUnsealed consumers: also take streams of nodes that do not authenticate their frames
 */
public record BusConfig(
    List<InetSocketAddress> backplanes,
    IdentitySource identities,
    Timeouts timeouts,
    Duration minBackoff,
    Duration maxBackoff,
    Duration requestTimeout,
    Duration shedAfter,
    boolean acceptUnsealed,
    AddressBook.Resolver resolver) {

  public BusConfig {
    backplanes = List.copyOf(backplanes);
    if (backplanes.isEmpty()) {
      throw new IllegalArgumentException("no backplane address given");
    }
    if (minBackoff.isNegative() || minBackoff.isZero() || maxBackoff.compareTo(minBackoff) < 0) {
      throw new IllegalArgumentException(
          "invalid minBackoff=" + minBackoff + " maxBackoff=" + maxBackoff);
    }
    if (shedAfter.isNegative() || shedAfter.isZero()) {
      throw new IllegalArgumentException("invalid shedAfter=" + shedAfter);
    }
  }

  public BusConfig withAcceptUnsealed(boolean value) {
    return new BusConfig(
        backplanes,
        identities,
        timeouts,
        minBackoff,
        maxBackoff,
        requestTimeout,
        shedAfter,
        value,
        resolver);
  }

  /** As it is now. */
  public Identity identity() {
    return identities.identity();
  }

  public BusConfig withShedAfter(Duration value) {
    return new BusConfig(
        backplanes,
        identities,
        timeouts,
        minBackoff,
        maxBackoff,
        requestTimeout,
        value,
        acceptUnsealed,
        resolver);
  }

  BusConfig withResolver(AddressBook.Resolver value) {
    return new BusConfig(
        backplanes,
        identities,
        timeouts,
        minBackoff,
        maxBackoff,
        requestTimeout,
        shedAfter,
        acceptUnsealed,
        value);
  }

  public BusConfig withTimeouts(Timeouts value) {
    return new BusConfig(
        backplanes,
        identities,
        value,
        minBackoff,
        maxBackoff,
        requestTimeout,
        shedAfter,
        acceptUnsealed,
        resolver);
  }

  public BusConfig withRequestTimeout(Duration value) {
    return new BusConfig(
        backplanes,
        identities,
        timeouts,
        minBackoff,
        maxBackoff,
        value,
        shedAfter,
        acceptUnsealed,
        resolver);
  }

  public BusConfig(List<InetSocketAddress> backplanes, IdentitySource identities) {
    this(
        backplanes,
        identities,
        Timeouts.DEFAULT,
        Duration.ofMillis(50),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        false,
        InetAddress::getAllByName);
  }
}
