package dev.interdict.jobs;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneConfig;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.Alert;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.NodeInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A real backplane on loopback, with real nodes and a real responder. */
final class TestBus implements AutoCloseable {
  private static final Duration VALID = Duration.ofHours(1);

  private final Pki pki = Pki.create("test", VALID);
  private final Path directory;
  private final Backplane backplane;
  private final List<AutoCloseable> open = new ArrayList<>();

  TestBus(Path directory) throws IOException {
    this.directory = directory;
    backplane =
        Backplane.start(
            new BackplaneConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                pki.issue(Role.BACKPLANE, "backplane", VALID)));
  }

  BusConfig config(Role role, String id) {
    return config(pki.issue(role, id, VALID));
  }

  private BusConfig config(Identity identity) {
    return new BusConfig(List.of(backplane.address()), identity);
  }

  void respond(Consumer<Alert> intake) {
    BusClient client = BusClient.connect(config(Role.RESPONDER, "responder"), "responder");
    open.add(client);
    client.serveAlerts(
        alert -> {
          intake.accept(alert);
          return CompletableFuture.completedFuture(null);
        });
  }

  /** The same name is the same directory, and so the same node. */
  Node node(String name) throws IOException {
    Recorder recorder = Recorder.open(RecorderConfig.of(directory.resolve(name)));
    NodeLink link =
        new NodeLink(
            config(Role.NODE, recorder.node().toString()),
            recorder,
            NodeInfo.newBuilder().setName(name).build(),
            command -> CommandResult.getDefaultInstance());
    Node node = new Node(recorder, link);
    open.add(node);
    return node;
  }

  void leave(Node node) throws IOException {
    open.remove(node);
    node.close();
  }

  /** A recorder on the bus; one thread writes. */
  record Node(Recorder recorder, NodeLink link) implements AutoCloseable {
    NodeId id() {
      return recorder.node();
    }

    long append(Event event) {
      byte[] bytes = event.toByteArray();
      int lane = Kinds.laneOf(event.getKindValue()).getNumber();
      long sequence = recorder.append(lane, bytes, 0, bytes.length);
      recorder.flush();
      return sequence;
    }

    @Override
    public void close() throws IOException {
      link.close();
      recorder.close();
    }
  }

  @Override
  public void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    backplane.close();
  }
}
