package dev.interdict.bus.metrics;

import dev.interdict.bus.backplane.Backplane;
import dev.interdict.bus.backplane.BackplaneCounters;
import dev.interdict.bus.backplane.ClientState;
import dev.interdict.bus.wire.Counters;
import dev.interdict.schema.Goodbye;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Presence;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a backplane knows of its queues, credits, drops and lags, as Micrometer's meters. Those of
 * single nodes, clients and streams are looked up before each scrape.
 */
public final class BackplaneMetrics implements MetricsEndpoint.Meters {
  private static final String PREFIX = "interdict.backplane.";

  private final Backplane backplane;
  private MultiGauge clientQueues;
  private MultiGauge clientCredits;
  private MultiGauge clientStreams;
  private MultiGauge nodeHeads;
  private MultiGauge nodeLosses;
  private MultiGauge streamLags;
  private MultiGauge streamTimeLags;
  private MultiGauge streamCredits;
  private MultiGauge streamSheds;

  public BackplaneMetrics(Backplane backplane) {
    this.backplane = backplane;
  }

  @Override
  public void register(MeterRegistry registry) {
    BackplaneCounters counters = backplane.counters();
    count(registry, "frames", "Frames relayed", counters.frames);
    count(registry, "frame.bytes", "Bytes of frames relayed", counters.frameBytes);
    count(registry, "orphans", "Messages for a stream whose client had left", counters.orphans);
    count(registry, "alerts", "Alerts passed on", counters.alerts);
    count(registry, "commands", "Commands passed on", counters.commands);
    count(
        registry,
        "overflows",
        "Streams cut off because too much waited for their client",
        counters.overflows);
    count(
        registry,
        "connections.over.limit",
        "Connections not let in because as many as allowed were there",
        counters.connectionsOverLimit);
    Gauge.builder(PREFIX + "queued.bytes", counters.queuedBytes, LongAdder::sum)
        .description("Bytes that wait for their turn")
        .register(registry);
    Gauge.builder(PREFIX + "nodes", backplane, Backplane::nodes)
        .description("Nodes connected")
        .register(registry);
    connections(registry, counters.connections);
    clientQueues = rows(registry, "client.queued.bytes", "Bytes that wait for one client");
    clientCredits =
        rows(registry, "client.credit.bytes", "What nodes may still send to one client");
    clientStreams = rows(registry, "client.streams", "Streams of one client");
    nodeHeads = rows(registry, "node.head.sequence", "The last sequence of a node's recorder");
    nodeLosses = rows(registry, "node.lost.events", "Events that a node's disk did not take");
    streamLags = rows(registry, "stream.behind.events", "Sequences between a stream and the head");
    streamTimeLags =
        rows(registry, "stream.behind.seconds", "How long a stream's next is readable");
    streamCredits = rows(registry, "stream.credit.bytes", "What a node may still send on a stream");
    streamSheds = rows(registry, "stream.shed.events", "Events left out of a live stream");
  }

  private static void connections(MeterRegistry registry, Counters counters) {
    count(registry, "connections", "Connections accepted", counters.connections);
    count(registry, "messages", "Messages received", counters.messages);
    count(registry, "handshake.failures", "TLS handshakes that failed", counters.handshakeFailures);
    for (Goodbye.Code code : Goodbye.Code.values()) {
      FunctionCounter.builder(PREFIX + "goodbyes", counters.goodbyes(code), LongAdder::sum)
          .description("Connections closed here, by reason")
          .tag("reason", code.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  private static void count(
      MeterRegistry registry, String name, String description, LongAdder counter) {
    FunctionCounter.builder(PREFIX + name, counter, LongAdder::sum)
        .description(description)
        .register(registry);
  }

  private static MultiGauge rows(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(PREFIX + name).description(description).register(registry);
  }

  @Override
  public void refresh() {
    List<ClientState> clients = backplane.clients();
    List<Row<?>> queues = new ArrayList<>();
    List<Row<?>> credits = new ArrayList<>();
    List<Row<?>> streams = new ArrayList<>();
    for (ClientState client : clients) {
      Tags tags = Tags.of("client", client.name());
      queues.add(Row.of(tags, client.queuedBytes()));
      credits.add(Row.of(tags, client.credit()));
      streams.add(Row.of(tags, client.streams()));
    }
    clientQueues.register(queues, true);
    clientCredits.register(credits, true);
    clientStreams.register(streams, true);
    refreshNodes(backplane.presence());
  }

  private void refreshNodes(List<Presence> nodes) {
    List<Row<?>> heads = new ArrayList<>();
    List<Row<?>> losses = new ArrayList<>();
    List<Row<?>> lags = new ArrayList<>();
    List<Row<?>> timeLags = new ArrayList<>();
    List<Row<?>> credits = new ArrayList<>();
    List<Row<?>> sheds = new ArrayList<>();
    for (Presence presence : nodes) {
      NodeStatus status = presence.getStatus();
      String node = presence.getNode().getId();
      Tags tags = Tags.of("node", node, "name", presence.getNode().getName());
      heads.add(Row.of(tags, status.getLastSequence()));
      losses.add(Row.of(tags, status.getLost()));
      for (int i = 0; i < status.getStreamsCount(); i++) {
        NodeStatus.Stream stream = status.getStreams(i);
        // A client may have several streams of one node; the number tells them apart.
        Tags of =
            Tags.of("node", node, "client", stream.getConsumer(), "stream", Integer.toString(i));
        lags.add(Row.of(of, stream.getBehind()));
        timeLags.add(Row.of(of, stream.getBehindMillis() / 1000.0));
        credits.add(Row.of(of, stream.getCredit()));
        sheds.add(Row.of(of, stream.getShed()));
      }
    }
    nodeHeads.register(heads, true);
    nodeLosses.register(losses, true);
    streamLags.register(lags, true);
    streamTimeLags.register(timeLags, true);
    streamCredits.register(credits, true);
    streamSheds.register(sheds, true);
  }
}
