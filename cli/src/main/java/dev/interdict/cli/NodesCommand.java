package dev.interdict.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.interdict.bus.client.BusClient;
import dev.interdict.bus.client.BusConfig;
import dev.interdict.bus.client.NodeSelector;
import dev.interdict.bus.tls.Identity;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Presence;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "nodes",
    description = "The nodes on the bus: what they hold, who reads them, how far behind.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  interdict nodes --backplane backplane:7400 --identity /etc/interdict/admin",
      "  interdict nodes 'web-*,zone=a' --json",
      "  interdict nodes --watch --json | jq ."
    })
final class NodesCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROW = "%-20s  %-36s  %13s  %12s  %12s  %8s  %7s  %9s  %8s  %7s  %s%n";
  private static final long CONNECT_SECONDS = 10;
  // A node tells of itself every second.
  private static final long LISTEN_MILLIS = 1500;

  @Parameters(
      arity = "0..1",
      paramLabel = "SELECTOR",
      defaultValue = "",
      description = "Names, ids, globs and LABEL=VALUE, joined by commas (default: all).")
  private String selector;

  @Option(
      names = "--backplane",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:7400",
      split = ",",
      description = "One of them is used at a time (default: ${DEFAULT-VALUE}).")
  private List<String> backplanes;

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      defaultValue = "/etc/interdict/admin",
      description = "key.pem, cert.pem and ca.pem (default: ${DEFAULT-VALUE}).")
  private Path identity;

  @Option(names = "--json", description = "One JSON object per line.")
  private boolean json;

  @Option(names = "--watch", description = "Go on and print every change until interrupted.")
  private boolean watch;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    NodeSelector wanted = NodeSelector.parse(selector);
    BusConfig config =
        new BusConfig(backplanes.stream().map(HostPort::parse).toList(), Identity.load(identity));
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Presence> nodes = new ConcurrentHashMap<>();
    try (BusClient client = BusClient.connect(config, "nodes")) {
      if (watch && !json) {
        head(out);
      }
      client.watchNodes(
          presence -> {
            if (!wanted.matches(presence.getNode())) {
              return;
            }
            if (watch) {
              print(presence, out);
            } else if (presence.getConnected()) {
              nodes.put(presence.getNode().getId(), presence);
            }
          });
      try {
        client.connected().get(CONNECT_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        throw new CommandFailure(
            ExitCode.FAILED,
            "no backplane of " + backplanes + " answers: " + client.lastFailure(),
            e);
      }
      CountDownLatch end = new CountDownLatch(1);
      if (watch) {
        end.await();
      }
      end.await(LISTEN_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (!json) {
      head(out);
    }
    nodes.values().stream()
        .sorted(
            Comparator.comparing((Presence each) -> each.getNode().getName())
                .thenComparing(each -> each.getNode().getId()))
        .forEach(each -> print(each, out));
    return ExitCode.OK;
  }

  private static void head(PrintWriter out) {
    out.printf(
        ROW, "NAME", "ID", "EPOCH", "OLDEST", "HEAD", "LOST", "STREAMS", "BEHIND", "SHED", "UNSEEN",
        "VERSION");
    out.flush();
  }

  private void print(Presence presence, PrintWriter out) {
    synchronized (out) {
      if (json) {
        out.println(json(presence));
      } else {
        row(presence, out);
      }
      out.flush();
    }
  }

  private static void row(Presence presence, PrintWriter out) {
    NodeInfo node = presence.getNode();
    NodeStatus status = presence.getStatus();
    boolean told = presence.hasStatus();
    long behind =
        status.getStreamsList().stream()
            .mapToLong(NodeStatus.Stream::getBehindMillis)
            .max()
            .orElse(0);
    long shed = status.getStreamsList().stream().mapToLong(NodeStatus.Stream::getShed).sum();
    NodeStatus.Range oldest =
        status.getRangesCount() == 0 ? NodeStatus.Range.getDefaultInstance() : status.getRanges(0);
    out.printf(
        ROW,
        node.getName(),
        node.getId(),
        told ? status.getEpoch() : node.getEpoch(),
        oldest.getFirst() == 0
            ? "-"
            : (oldest.getEpoch() == status.getEpoch() ? "" : "older:") + oldest.getFirst(),
        told ? status.getLastSequence() : node.getLastSequence(),
        told ? status.getLost() : "-",
        told ? status.getStreamsCount() : "-",
        told ? String.format(Locale.ROOT, "%.1f s", behind / 1000.0) : "-",
        told ? shed : "-",
        told ? status.getUnseenCount() : "-",
        presence.getConnected() ? node.getVersion() : "gone");
  }

  private static String json(Presence presence) {
    NodeInfo node = presence.getNode();
    NodeStatus status = presence.getStatus();
    ObjectNode json = JSON.createObjectNode();
    json.put("node", node.getId()).put("name", node.getName());
    json.put("connected", presence.getConnected()).put("version", node.getVersion());
    json.put("kernel", node.getKernel());
    ObjectNode labels = json.putObject("labels");
    node.getLabelsMap().forEach(labels::put);
    json.put("epoch", presence.hasStatus() ? status.getEpoch() : node.getEpoch());
    json.put(
        "last_sequence", presence.hasStatus() ? status.getLastSequence() : node.getLastSequence());
    if (presence.hasStatus()) {
      json.put("time", status.getTime()).put("last_time", status.getLastTime());
      json.put("lost", status.getLost());
      ArrayNode ranges = json.putArray("ranges");
      for (NodeStatus.Range range : status.getRangesList()) {
        ranges
            .addObject()
            .put("epoch", range.getEpoch())
            .put("first", range.getFirst())
            .put("last", range.getLast());
      }
      ArrayNode unseen = json.putArray("unseen");
      status.getUnseenList().forEach(kind -> unseen.add(Kinds.name(kind.getNumber())));
      ArrayNode streams = json.putArray("streams");
      for (NodeStatus.Stream stream : status.getStreamsList()) {
        streams
            .addObject()
            .put("consumer", stream.getConsumer())
            .put("epoch", stream.getEpoch())
            .put("next_sequence", stream.getNextSequence())
            .put("behind", stream.getBehind())
            .put("behind_millis", stream.getBehindMillis())
            .put("shed", stream.getShed())
            .put("credit", stream.getCredit())
            .put("live", stream.getLive());
      }
    }
    return json.toString();
  }
}
