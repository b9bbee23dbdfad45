package dev.interdict.jobs;

import static dev.interdict.jobs.TestRules.exec;
import static dev.interdict.jobs.TestRules.tick;

import dev.interdict.jobs.source.Start;
import dev.interdict.record.NodeId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Nodes whose events the archive job takes, with a failure that a test may arm. */
final class ArchiveRun implements AutoCloseable {
  private final FakeBus bus = new FakeBus();
  private final Injected injected = new Injected();
  private final List<FakeBus.Node> nodes = new ArrayList<>();
  private final Set<String> recorded = new TreeSet<>();
  private final EmbeddedFlinks flink;
  private final URI table;

  ArchiveRun(EmbeddedFlinks flink, int nodes, URI table) {
    this.flink = flink;
    this.table = table;
    for (int i = 0; i < nodes; i++) {
      this.nodes.add(bus.node(NodeId.random()));
    }
  }

  Injected injected() {
    return injected;
  }

  /** Each Position that any node has, as {@link ArchivedPositions} tells them. */
  Set<String> recorded() {
    return recorded;
  }

  void append(int from, int to) {
    for (FakeBus.Node node : nodes) {
      for (int sequence = from; sequence <= to; sequence++) {
        long millis = sequence * 4_000L;
        node.append(sequence % 10 == 0 ? tick(millis) : exec("x", "box", millis));
        recorded.add(node.id() + "/1/" + sequence);
      }
    }
  }

  EmbeddedJob start(String restoreFrom) throws IOException {
    ArchiveConfig config =
        new ArchiveConfig(BusAccess.files(List.of(), Path.of("unused")), table, Start.EARLIEST);
    return flink.submit(
        2, restoreFrom, env -> ArchiveJob.build(env, config, bus.dialer(), injected.stage()));
  }

  @Override
  public void close() throws IOException {
    flink.cancelAll();
    bus.close();
    injected.close();
  }
}
