package dev.interdict.benchmarks.backplane;

import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.EventBatch;
import dev.interdict.bus.client.FleetStream;
import dev.interdict.bus.client.NodeSelector;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A checkpointed consumer of all nodes. */
final class InterdictSource implements Source {
  private final String[] own;

  /** Directory with the authority in {@code ca}, number of nodes, backplanes. */
  InterdictSource(String[] own) {
    this.own = own;
  }

  @Override
  public void read(Receiver receiver) throws IOException, InterruptedException {
    Pki authority = Pki.load(Path.of(own[0]).resolve("ca"));
    int nodes = Integer.parseInt(own[1]);
    BusConfig config =
        new BusConfig(
            InterdictSink.addresses(own, 2),
            authority.issue(Role.CONSUMER, "bench", Duration.ofDays(1)));
    Subscribe all = Subscribe.newBuilder().setFromTime(1).setCheckpointed(true).build();
    try (BusClient client = BusClient.connect(config, "bench");
        FleetStream fleet = client.subscribe(NodeSelector.ALL, all)) {
      while (fleet.nodes() < nodes) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      System.out.println("ready");
      while (true) {
        EventBatch batch = fleet.poll();
        if (batch == null) {
          fleet.available().get();
          continue;
        }
        while (batch.next()) {
          if (!receiver.accept(batch.time())) {
            return;
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }
}
