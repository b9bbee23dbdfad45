package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeStatus;
import dev.interdict.schema.Presence;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStatusTest {
  private final BackplaneFixture bus = new BackplaneFixture();
  private final BusClient client = bus.client(Role.CONSUMER, "job");

  NodeStatusTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  private static NodeStatus last(List<Presence> seen) {
    return seen.isEmpty() ? NodeStatus.getDefaultInstance() : seen.get(seen.size() - 1).getStatus();
  }

  @Test
  void shouldKeepPresenceCurrent(@TempDir Path directory) throws Exception {
    List<Presence> all = new CopyOnWriteArrayList<>();
    List<Presence> changes = new CopyOnWriteArrayList<>();
    client.watchNodes(all::add);
    client.watchPresence(changes::add);
    TestNode node = bus.closeLater(new TestNode(bus, directory.resolve("node")));
    node.write(30);
    await().until(() -> last(all).getLastSequence() == 30);
    assertThat(last(all).getEpoch()).isEqualTo(node.recorder.epoch());
    assertThat(last(all).getRangesList())
        .containsExactly(
            NodeStatus.Range.newBuilder()
                .setEpoch(node.recorder.epoch())
                .setFirst(1)
                .setLast(30)
                .build());
    assertThat(last(all).getLastTime()).isEqualTo(TestNode.START + 30_000_000);

    EventStream stream =
        client.subscribe(
            Subscribe.newBuilder()
                .setNode(node.name())
                .setFrom(node.wireAt(1))
                .setCheckpointed(true)
                .setCredit(1)
                .build());
    stream.available().get();
    node.write(30);
    await()
        .until(() -> last(all).getStreamsCount() == 1 && last(all).getStreams(0).getBehind() == 30);
    NodeStatus.Stream behind = last(all).getStreams(0);
    assertThat(behind.getConsumer()).isEqualTo("job/job");
    assertThat(behind.getNextSequence()).isEqualTo(31);
    assertThat(behind.getCredit()).isLessThanOrEqualTo(0);
    await().until(() -> last(all).getStreams(0).getBehindMillis() > 900);

    new StreamReader(stream).readTo(60);
    await().until(() -> last(all).getStreams(0).getBehind() == 0);
    stream.close();
    await().until(() -> last(all).getStreamsCount() == 0);
    // Whoever wants to know who comes and goes is not told each second.
    assertThat(changes).hasSize(1);

    node.link.tellUnseen(Set.of(Kind.IO_URING));
    await().until(() -> changes.size() == 2);
    assertThat(changes.get(1).getStatus().getUnseenList()).containsExactly(Kind.IO_URING);
  }

  @Test
  void shouldHaveTheNodeKeepWhatANamedConsumerHasNotAcknowledged(@TempDir Path directory)
      throws Exception {
    TestNode node = bus.closeLater(new TestNode(bus, directory.resolve("node")));
    node.write(10);
    Subscribe.Builder request =
        Subscribe.newBuilder().setNode(node.name()).setFrom(node.wireAt(1)).setCheckpointed(true);
    EventStream nameless = client.subscribe(request.build());
    EventStream named = client.subscribe(request.setFence(3).build());
    new StreamReader(nameless).readTo(10);
    new StreamReader(named).readTo(10);
    nameless.acknowledge(node.at(2));
    named.acknowledge(node.at(7));
    await().until(() -> node.recorder.holds().size() == 1);
    assertThat(node.recorder.holds().get(0).name()).isEqualTo("job/job");
    assertThat(node.recorder.holds().get(0).position()).isEqualTo(node.at(7));

    // A new connection says it again, in case the node has forgotten.
    node.recorder.release("job/job");
    bus.stopBackplane();
    bus.restartBackplane();
    await().atMost(Duration.ofSeconds(20)).until(() -> node.recorder.holds().size() == 1);
  }

  @Test
  void shouldRememberFencesOverARestartOfTheNode(@TempDir Path directory) throws Exception {
    TestNode node = new TestNode(bus, directory.resolve("node"));
    node.write(10);
    Subscribe.Builder request =
        Subscribe.newBuilder().setNode(node.name()).setFrom(node.wireAt(1)).setCheckpointed(true);
    EventStream newer = client.subscribe(request.setFence(7).build());
    new StreamReader(newer).readTo(10);
    newer.close();
    node.close();

    TestNode back = bus.closeLater(new TestNode(bus, directory.resolve("node")));
    assertThat(back.name()).isEqualTo(node.name());
    EventStream older = client.subscribe(request.setFence(6).build());
    await().atMost(Duration.ofSeconds(20)).until(() -> older.end() != null || older.poll() != null);
    new StreamReader(older).readToEnd();
    assertThat(older.end().getCode()).isEqualTo(StreamEnd.Code.FENCED);
    EventStream same = client.subscribe(request.setFence(7).build());
    new StreamReader(same).readTo(10);
  }
}
