package dev.interdict.benchmarks;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.EventStream;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.cep.RuleSet;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;

/**
 * The other end of the agent's uplink, as a process of its own: a backplane, and a consumer that
 * subscribes to what the rules of this build need and reads it. Ends with its standard input.
 */
final class Relay {
  private static final Duration VALIDITY = Duration.ofDays(1);

  private Relay() {}

  /** Writes the node's identity into the given directory and prints the backplane's port. */
  public static void main(String[] arguments) throws IOException {
    Pki authority = Pki.create("overhead", VALIDITY);
    Identity node = authority.issue(Role.NODE, UUID.randomUUID().toString(), VALIDITY);
    node.save(Path.of(arguments[0]));
    BackplaneConfig config =
        new BackplaneConfig(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            authority.issue(Role.BACKPLANE, "overhead", VALIDITY));
    try (Backplane backplane = Backplane.start(config);
        BusClient client =
            BusClient.connect(
                new BusConfig(
                    List.of(backplane.address()),
                    authority.issue(Role.CONSUMER, "overhead", VALIDITY)),
                "overhead")) {
      Thread reader = new Thread(() -> read(client.subscribe(request(node.id()))), "reader");
      reader.setDaemon(true);
      reader.start();
      System.out.println(backplane.address().getPort());
      while (System.in.read() >= 0) {
        continue;
      }
    }
  }

  private static Subscribe request(String node) {
    Subscribe.Builder request = Subscribe.newBuilder().setNode(node).addKinds(Kind.TICK);
    long needed = RuleSet.builtin().kinds();
    for (Kind kind : Kind.values()) {
      if (kind != Kind.UNRECOGNIZED && kind != Kind.TICK && (needed & Kinds.bit(kind)) != 0) {
        request.addKinds(kind);
      }
    }
    return request.build();
  }

  private static void read(EventStream stream) {
    try {
      while (stream.end() == null) {
        EventBatch batch = stream.poll();
        if (batch == null) {
          stream.available().get();
          continue;
        }
        while (batch.next()) {
          continue;
        }
      }
      System.err.println("relay: the stream has ended: " + stream.end());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
