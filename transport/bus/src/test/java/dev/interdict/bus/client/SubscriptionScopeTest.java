package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.backplane.RawPeer;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Kind;
import dev.interdict.schema.Kinds;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Scope;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a subscription asks for reaches the node, and no more than that comes back. */
class SubscriptionScopeTest {
  private static final Scope WEB = Scope.newBuilder().addPods("web-*").build();

  private final BackplaneFixture bus = new BackplaneFixture();
  private TestNode node;
  private BusClient client;

  SubscriptionScopeTest() throws IOException {}

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    node = bus.closeLater(new TestNode(bus, directory.resolve("node")));
    client = bus.client(Role.CONSUMER, "job");
  }

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private Subscribe.Builder from(long sequence) {
    return Subscribe.newBuilder()
        .setNode(node.name())
        .setFrom(node.wireAt(sequence))
        .setCheckpointed(true);
  }

  /** One batch in one lane. */
  private void write(int events, String pod) {
    for (int i = 0; i < events; i++) {
      node.write(Kind.EXEC, "", pod);
    }
    node.recorder.flush();
  }

  @Test
  void shouldSendOnlyWhatLiesInTheScopeAndCoverTheRest() throws Exception {
    write(5, "web-1");
    write(5, "db-1");
    node.write(Kind.EXEC, "", "db-1");
    node.write(Kind.EXEC, "", "web-2");
    node.write(Kind.EXEC, "", null);
    node.recorder.flush();

    StreamReader reader = new StreamReader(client.subscribe(from(1).setScope(WEB).build()));
    reader.readTo(13);

    assertThat(reader.sequences).containsExactly(1L, 2L, 3L, 4L, 5L, 12L);
    assertThat(reader.gaps).isEmpty();
  }

  @Test
  void shouldGoFromHistoryToLiveWithoutHoleOrDoubleWhileTheNodeWrites() throws Exception {
    write(2000, "web-1");
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 400; i++) {
                write(3, "web-1");
                write(2, "db-1");
                LockSupport.parkNanos(300_000);
              }
            });

    StreamReader reader = new StreamReader(client.subscribe(from(1).setScope(WEB).build()));
    reader.readTo(4000);
    writer.join();

    assertThat(reader.sequences)
        .isEqualTo(
            LongStream.rangeClosed(1, 4000)
                .filter(n -> n <= 2000 || (n - 2001) % 5 < 3)
                .boxed()
                .collect(Collectors.toList()));
  }

  @Test
  void shouldRefuseAScopeBeyondTheLimits() throws Exception {
    Scope.Builder scope = Scope.newBuilder();
    for (int i = 0; i < 300; i++) {
      scope.addPods("p" + i);
    }
    EventStream stream = client.subscribe(from(1).setScope(scope).build());
    new StreamReader(stream).readToEnd();

    assertThat(stream.end().getCode()).isEqualTo(StreamEnd.Code.REFUSED);
    assertThat(stream.end().getMessage()).contains("scope.pods=300 limit=256");
  }

  @Test
  void shouldTellTheNodeTheUnionOfWhatIsWanted() {
    List<Wanted> told = new CopyOnWriteArrayList<>();
    node.link.onWanted(told::add);
    await().untilAsserted(() -> assertThat(told).containsExactly(Wanted.NOTHING));

    EventStream execs = client.subscribe(from(1).addKinds(Kind.EXEC).setScope(WEB).build());
    EventStream opens = client.subscribe(from(1).addKinds(Kind.OPEN).build());
    long both = Kinds.bit(Kind.EXEC) | Kinds.bit(Kind.OPEN);
    await().until(() -> told.get(told.size() - 1).kinds() == both);
    assertThat(told.get(told.size() - 1).interests())
        .containsExactlyInAnyOrder(
            new Wanted.Interest(Kinds.bit(Kind.EXEC), WEB),
            new Wanted.Interest(Kinds.bit(Kind.OPEN), Scope.getDefaultInstance()));

    // What has been needs no kernel.
    EventStream past =
        client.subscribe(
            Subscribe.newBuilder()
                .setNode(node.name())
                .setFromTime(TestNode.START)
                .setUntilTime(TestNode.START + 1)
                .build());
    await().until(() -> past.end() != null);
    execs.close();
    await().until(() -> told.get(told.size() - 1).kinds() == Kinds.bit(Kind.OPEN));
    opens.close();
    await().until(() -> told.get(told.size() - 1).equals(Wanted.NOTHING));
    assertThat(told).allSatisfy(wanted -> assertThat(wanted.kinds() & ~both).isZero());
  }

  @Test
  void shouldDropAStreamWhoseLeaseIsNotRenewed() throws Exception {
    List<Wanted> told = new CopyOnWriteArrayList<>();
    node.link.onWanted(told::add);
    await().until(() -> bus.backplane().nodes() == 1);

    try (RawPeer forgetful =
        RawPeer.greeted(bus.address(), bus.issue(Role.CONSUMER, "forgetful"))) {
      forgetful.send(MessageType.SUBSCRIBE, 1, from(1).setLeaseSeconds(1).build().toByteArray());
      StreamEnd end = StreamEnd.parseFrom(forgetful.await(MessageType.STREAM_END).payload());
      assertThat(end.getCode()).isEqualTo(StreamEnd.Code.LAPSED);
      assertThat(end.getMessage()).contains("within 1 s");
    }
    await().until(() -> told.get(told.size() - 1).equals(Wanted.NOTHING));
    assertThat(told).hasSize(3);
  }

  @Test
  void shouldKeepAStreamWhoseLeaseIsRenewed() throws Exception {
    StreamReader reader = new StreamReader(client.subscribe(from(1).setLeaseSeconds(1).build()));
    write(5, "web-1");
    reader.readTo(5);
    List<Wanted> told = new CopyOnWriteArrayList<>();
    node.link.onWanted(told::add);

    await()
        .during(2500, TimeUnit.MILLISECONDS)
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> told.size() <= 1);
    write(5, "web-1");
    reader.readTo(10);
  }

  @Test
  void shouldReadEveryNodeThatIsMeantWhenItComes(@TempDir Path directory) throws Exception {
    TestNode first = labelled(directory.resolve("a"), "web-a", "eu");
    TestNode other = labelled(directory.resolve("b"), "web-b", "us");
    first.write(5);
    other.write(5);
    FleetStream fleet =
        client.subscribe(
            new NodeSelector(List.of("web-*"), Map.of("zone", "eu")),
            Subscribe.newBuilder().setFromTime(1).build());
    Set<String> seen = new TreeSet<>();
    readUntil(fleet, seen, 5);
    TestNode late = labelled(directory.resolve("c"), "web-c", "eu");
    late.write(5);
    readUntil(fleet, seen, 10);

    assertThat(seen).hasSize(10).noneMatch(event -> event.startsWith(other.name()));
    assertThat(fleet.nodes()).isEqualTo(2);
    fleet.close();
    await().until(() -> fleet.poll() == null && fleet.ends().size() == 2);
  }

  private TestNode labelled(Path directory, String name, String zone) throws IOException {
    return bus.closeLater(
        new TestNode(
            bus,
            directory,
            command -> CommandResult.getDefaultInstance(),
            NodeInfo.newBuilder().setName(name).putLabels("zone", zone).build()));
  }

  private static void readUntil(FleetStream fleet, Set<String> seen, int events) throws Exception {
    while (seen.size() < events) {
      CompletableFuture<Void> more = fleet.available();
      EventBatch batch = fleet.poll();
      if (batch == null) {
        more.get(20, TimeUnit.SECONDS);
        continue;
      }
      while (batch.next()) {
        assertThat(seen.add(batch.node() + " " + batch.sequence())).isTrue();
      }
    }
  }

  @Test
  void shouldReadASelectorFromText() {
    NodeInfo node =
        NodeInfo.newBuilder().setId("17").setName("web-1").putLabels("zone", "a").build();
    assertThat(NodeSelector.parse("").matches(node)).isTrue();
    assertThat(NodeSelector.parse("web-*,zone=a").matches(node)).isTrue();
    assertThat(NodeSelector.parse("17").matches(node)).isTrue();
    assertThat(NodeSelector.parse("web.1").matches(node)).isFalse();
    assertThat(NodeSelector.parse("db-*,web-1").matches(node)).isTrue();
    assertThat(NodeSelector.parse("zone=b").matches(node)).isFalse();
    assertThat(NodeSelector.parse("web").matches(node)).isFalse();
  }
}
