package dev.interdict.cli;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.tls.Identity;
import dev.interdict.schema.Presence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Option;

/** The way to the nodes, of commands that can do without them. */
final class FleetOptions {
  private static final long CONNECT_SECONDS = 10;
  // A node tells of itself every second.
  private static final long LISTEN_MILLIS = 3_000;
  private static final long LIST_MILLIS = 200;
  private static final long PAUSE_MILLIS = 50;

  @Option(
      names = "--backplane",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "Ask the nodes, too, through one of these.")
  private List<String> backplanes = new ArrayList<>();

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      defaultValue = "/etc/interdict/admin",
      description = "key.pem, cert.pem and ca.pem (default: ${DEFAULT-VALUE}).")
  private Path identity;

  boolean given() {
    return !backplanes.isEmpty();
  }

  BusClient connect(String name) throws IOException, InterruptedException {
    BusConfig config =
        new BusConfig(backplanes.stream().map(HostPort::parse).toList(), Identity.load(identity));
    BusClient client = BusClient.connect(config, name);
    try {
      client.connected().get(CONNECT_SECONDS, TimeUnit.SECONDS);
      return client;
    } catch (TimeoutException | ExecutionException e) {
      String why = client.lastFailure();
      client.close();
      throw new CommandFailure(
          ExitCode.FAILED, "no backplane of " + backplanes + " answers: " + why, e);
    }
  }

  /** Those that are connected, by id, with what each tells of itself unless it is silent. */
  static Map<String, Presence> nodes(BusClient client) throws InterruptedException {
    Map<String, Presence> nodes = new ConcurrentHashMap<>();
    try (var watch =
        client.watchNodes(
            presence -> {
              if (presence.getConnected()) {
                nodes.put(presence.getNode().getId(), presence);
              } else {
                nodes.remove(presence.getNode().getId());
              }
            })) {
      TimeUnit.MILLISECONDS.sleep(LIST_MILLIS);
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LISTEN_MILLIS);
      while (System.nanoTime() < end
          && (nodes.isEmpty() || !nodes.values().stream().allMatch(Presence::hasStatus))) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
    return new TreeMap<>(nodes);
  }
}
