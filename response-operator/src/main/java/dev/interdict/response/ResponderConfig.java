package dev.interdict.response;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Role;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;

/**
 * @param bus with an identity of the role responder, which signs the commands, too
 * @param directory of the log and the local socket
 * @param commandLifetime how long one signed command is valid; sent again after that, it is signed
 *     again
 */
public record ResponderConfig(
    BusConfig bus,
    Path directory,
    Policies policies,
    InstantSource clock,
    Duration commandLifetime,
    Orchestrator orchestrator) {
  /** Nodes refuse what lives longer. */
  private static final Duration MAX_LIFETIME = Duration.ofMinutes(10);

  public ResponderConfig {
    if (bus.identity().role() != Role.RESPONDER) {
      throw new IllegalArgumentException(
          "identity " + bus.identity().name() + " is not a responder's");
    }
    if (commandLifetime.toSeconds() < 1 || commandLifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new IllegalArgumentException(
          "invalid commandLifetime=" + commandLifetime + " limit=" + MAX_LIFETIME);
    }
  }

  public ResponderConfig(BusConfig bus, Path directory, Policies policies) {
    this(bus, directory, policies, Orchestrator.NONE);
  }

  public ResponderConfig(
      BusConfig bus, Path directory, Policies policies, Orchestrator orchestrator) {
    this(bus, directory, policies, Clock.systemUTC(), Duration.ofMinutes(1), orchestrator);
  }
}
