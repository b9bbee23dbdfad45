package dev.interdict.jobs.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.jobs.EmbeddedFlinks;
import dev.interdict.jobs.EmbeddedJob;
import dev.interdict.jobs.FakeBus;
import dev.interdict.jobs.ImmutableType;
import dev.interdict.jobs.Injected;
import dev.interdict.jobs.Local;
import dev.interdict.record.NodeId;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackplaneSourceTest {
  private static final int MAX_PARALLELISM = 128;
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static EmbeddedFlinks flink;

  private final FakeBus bus = new FakeBus();
  private final Injected injected = new Injected();
  private final Map<String, Long> seen = new ConcurrentHashMap<>();
  private final String seenKey = Local.put(seen);

  @BeforeAll
  static void start() throws IOException {
    flink = EmbeddedFlinks.start(directory, 4);
  }

  @AfterAll
  static void stop() throws IOException {
    flink.close();
  }

  @AfterEach
  void cancel() throws IOException {
    flink.cancelAll();
    bus.close();
    injected.close();
    Local.remove(seenKey);
    assertThat(seen.keySet()).noneMatch(key -> key.startsWith("wrong"));
  }

  @Test
  void shouldGiveEveryPositionOnceAfterAFailure() throws IOException {
    List<FakeBus.Node> nodes = nodes(16);
    nodes.forEach(node -> append(node, 300));
    EmbeddedJob job = run(2, Start.EARLIEST, null);
    awaitSeen(nodes, 300);
    job.awaitCheckpoint(TIMEOUT);

    injected.armAfter(700);
    nodes.forEach(node -> append(node, 300));

    awaitSeen(nodes, 600);
    assertThat(injected.failures()).isEqualTo(1);
  }

  @Test
  void shouldGiveEveryPositionOnceWhenRescaled() throws IOException {
    List<FakeBus.Node> nodes = nodes(32);
    nodes.forEach(node -> append(node, 50));
    EmbeddedJob two = run(2, Start.EARLIEST, null);
    awaitSeen(nodes, 50);
    String savepoint = two.stop(TIMEOUT);

    nodes.forEach(node -> append(node, 50));
    EmbeddedJob four = run(4, Start.EARLIEST, savepoint);
    awaitSeen(nodes, 100);
    savepoint = four.stop(TIMEOUT);

    nodes.forEach(node -> append(node, 50));
    run(2, Start.EARLIEST, savepoint);
    awaitSeen(nodes, 150);
  }

  @Test
  void shouldReadNodesThatAppearWhileItRuns() throws IOException {
    EmbeddedJob job = run(2, Start.EARLIEST, null);
    job.awaitRunning(TIMEOUT);
    List<FakeBus.Node> nodes = nodes(5);
    nodes.forEach(node -> append(node, 10));
    awaitSeen(nodes, 10);
  }

  @Test
  void shouldFinishAnEpochBeforeTheNext() throws IOException {
    FakeBus.Node node = nodes(1).get(0);
    append(node, 120);
    node.nextEpoch();
    append(node, 70);
    EmbeddedJob job = run(1, Start.EARLIEST, null);
    awaitSeen(List.of(node), 70);
    assertThat(seen).containsEntry(node.id() + "/1", 120L).containsEntry(node.id() + "/2", 70L);

    String savepoint = job.stop(TIMEOUT);
    node.nextEpoch();
    append(node, 5);
    run(1, Start.EARLIEST, savepoint);
    await().atMost(TIMEOUT).until(() -> seen.getOrDefault(node.id() + "/3", 0L) == 5);
  }

  @Test
  void shouldKeepThePlaceWhereLiveBeganAcrossARestart() throws IOException {
    FakeBus.Node node = nodes(1).get(0);
    append(node, 10);
    EmbeddedJob job = run(1, Start.LIVE, null);
    job.awaitRunning(TIMEOUT);
    // The split is with its reader once a checkpoint that followed its assignment is complete.
    job.awaitCheckpoint(TIMEOUT);
    String savepoint = job.stop(TIMEOUT);
    append(node, 3);
    run(1, Start.LIVE, savepoint);
    await().atMost(TIMEOUT).until(() -> seen.getOrDefault(node.id() + "/1", 0L) == 13);
    assertThat(seen).doesNotContainKey(node.id() + "/early");
  }

  private List<FakeBus.Node> nodes(int count) {
    List<FakeBus.Node> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(bus.node(NodeId.random()));
    }
    return nodes;
  }

  private static void append(FakeBus.Node node, int count) {
    for (int i = 0; i < count; i++) {
      node.append(Event.newBuilder().setTime(1_000_000L * (i + 1)).setKind(Kind.EXIT).build());
    }
  }

  private void awaitSeen(List<FakeBus.Node> nodes, long last) {
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                nodes.stream()
                    .allMatch(
                        node ->
                            seen.entrySet().stream()
                                .anyMatch(
                                    entry ->
                                        entry.getKey().startsWith(node.id().toString())
                                            && entry.getValue() == last)));
  }

  private EmbeddedJob run(int parallelism, Start start, String restoreFrom) throws IOException {
    Set<Kind> kinds = EnumSet.of(Kind.EXIT, Kind.EXEC);
    SourceSettings settings =
        new SourceSettings(
            bus.dialer(), "test", kinds, start, MAX_PARALLELISM, true, 1 << 20, null);
    boolean fromTheFirst = start == Start.EARLIEST;
    return flink.submit(parallelism, restoreFrom, env -> build(env, settings, fromTheFirst));
  }

  private void build(
      StreamExecutionEnvironment env, SourceSettings settings, boolean fromTheFirst) {
    env.setMaxParallelism(MAX_PARALLELISM);
    DataStream<NodeEvent> events =
        env.fromSource(
                new BackplaneSource(settings),
                WatermarkStrategy.noWatermarks(),
                "nodes",
                ImmutableType.of(NodeEvent.class, NodeEventSerializer.INSTANCE))
            .uid("nodes");
    DataStreamUtils.reinterpretAsKeyedStream(events, NodeEvent::node, NodeKey.TYPE)
        .process(new Contiguous(seenKey, injected.key(), fromTheFirst))
        .uid("contiguous")
        .sinkTo(new DiscardingSink<>());
  }

  /** Fails for good on a hole or a repetition, as judged by checkpointed state. */
  private static final class Contiguous extends KeyedProcessFunction<NodeId, NodeEvent, String> {
    private static final long serialVersionUID = 1;

    private final String seen;
    private final String injected;
    private final boolean fromTheFirst;
    private transient ValueState<Long> epoch;
    private transient ValueState<Long> last;

    Contiguous(String seen, String injected, boolean fromTheFirst) {
      this.seen = seen;
      this.injected = injected;
      this.fromTheFirst = fromTheFirst;
    }

    @Override
    public void open(OpenContext context) {
      epoch = getRuntimeContext().getState(new ValueStateDescriptor<>("epoch", Types.LONG));
      last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Types.LONG));
    }

    @Override
    @SuppressWarnings("unchecked") // the type of a field of this class
    public void processElement(NodeEvent event, Context context, Collector<String> out)
        throws IOException {
      Map<String, Long> seenHere = Local.get(seen, Map.class);
      String key = event.node() + "/" + event.epoch();
      boolean sameEpoch = epoch.value() != null && epoch.value() == event.epoch();
      long expected = sameEpoch ? last.value() + 1 : 1;
      boolean begin = epoch.value() == null && !fromTheFirst;
      if (event.sequence() != expected && !begin) {
        seenHere.put("wrong " + key + " " + expected + " " + event.sequence(), 0L);
        return;
      }
      if (begin && event.sequence() <= 10) {
        seenHere.put(event.node() + "/early", event.sequence());
      }
      epoch.update(event.epoch());
      last.update(event.sequence());
      Injected.pass(injected);
      seenHere.put(key, event.sequence());
    }
  }
}
