package dev.interdict.benchmarks.backplane;

import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeLink;
import dev.interdict.bus.tls.Pki;
import dev.interdict.bus.tls.Role;
import dev.interdict.record.NodeId;
import dev.interdict.record.Recorder;
import dev.interdict.record.RecorderConfig;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.NodeInfo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Recorders as agents have them, each linked to all backplanes. */
final class InterdictSink implements Sink {
  private final List<Recorder> recorders = new ArrayList<>();
  private final List<NodeLink> links = new ArrayList<>();
  private final boolean[] dirty;

  /** Directory with the authority in {@code ca}, backplanes. */
  InterdictSink(int nodes, String[] own) throws IOException, InterruptedException {
    Path directory = Path.of(own[0]);
    Pki authority = Pki.load(directory.resolve("ca"));
    List<InetSocketAddress> backplanes = addresses(own, 1);
    dirty = new boolean[nodes];
    for (int i = 0; i < nodes; i++) {
      NodeId id = NodeId.random();
      Recorder recorder =
          Recorder.open(RecorderConfig.ofLog(directory.resolve("nodes/" + id)).withNode(id));
      recorders.add(recorder);
      links.add(
          new NodeLink(
              new BusConfig(
                  backplanes, authority.issue(Role.NODE, id.toString(), Duration.ofDays(1))),
              recorder,
              NodeInfo.newBuilder().setName("node-" + i).setVersion("1").build(),
              command -> CommandResult.getDefaultInstance()));
    }
    for (NodeLink link : links) {
      while (link.connections() < backplanes.size()) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
  }

  static List<InetSocketAddress> addresses(String[] own, int from) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (int i = from; i < own.length; i++) {
      addresses.add(new InetSocketAddress("127.0.0.1", Integer.parseInt(own[i])));
    }
    return addresses;
  }

  @Override
  public void send(int node, byte[] event) {
    recorders.get(node).append(0, event, 0, event.length);
    dirty[node] = true;
  }

  @Override
  public void flush() {
    for (int i = 0; i < dirty.length; i++) {
      flush(i);
    }
  }

  @Override
  public void flush(int node) {
    if (dirty[node]) {
      recorders.get(node).flush();
      dirty[node] = false;
    }
  }

  /** The links go on serving, as those of agents do. */
  @Override
  public void close() throws IOException {
    for (Recorder recorder : recorders) {
      recorder.sync();
    }
  }
}
