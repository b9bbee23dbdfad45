package dev.interdict.bus.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.bus.backplane.BackplaneFixture;
import dev.interdict.bus.backplane.TakenOverRelay;
import dev.interdict.bus.backplane.TakenOverRelay.Passing;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.record.FrameEncoder;
import dev.interdict.schema.Alert;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.Event;
import dev.interdict.schema.FileOperation;
import dev.interdict.schema.Kind;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Progress;
import dev.interdict.schema.PublishAlert;
import dev.interdict.schema.SendCommand;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.StreamEnd;
import dev.interdict.schema.Subscribe;
import dev.interdict.schema.Subscribed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The backplane is in the wrong hands. It can hold back, which shows; what it makes up or changes
 * is refused by whomever it is meant for, and reported.
 */
class TakenOverRelayTest {
  private final BackplaneFixture bus = new BackplaneFixture();
  private final TakenOverRelay relay =
      bus.closeLater(new TakenOverRelay(bus.issue(Role.BACKPLANE, "taken")));
  private final List<String> forgeries = new CopyOnWriteArrayList<>();
  private TestNode node;
  private BusClient consumer;

  TakenOverRelayTest() throws IOException {}

  private BusConfig throughRelay(Identity identity) {
    return new BusConfig(List.of(relay.address()), identity);
  }

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    node =
        bus.closeLater(
            new TestNode(
                bus,
                directory,
                this::carryOut,
                NodeInfo.getDefaultInstance(),
                config -> throughRelay(config.identity())));
    consumer =
        bus.closeLater(BusClient.connect(throughRelay(bus.issue(Role.CONSUMER, "job")), "job"));
    consumer.onForgery(forgeries::add);
    node.write(30);
  }

  @AfterEach
  void stop() throws IOException {
    bus.close();
  }

  /** Once: the first time that the test says yes. */
  private void once(Predicate<Passing> when, Function<Passing, List<Passing>> what) {
    AtomicBoolean done = new AtomicBoolean();
    relay.does(
        message ->
            when.test(message) && done.compareAndSet(false, true)
                ? what.apply(message)
                : List.of(message));
  }

  private EventStream subscribe() {
    return consumer.subscribe(
        Subscribe.newBuilder()
            .setNode(node.name())
            .setFrom(node.wireAt(1))
            .setCheckpointed(true)
            .build());
  }

  private void assertAllComesInTheEnd() throws Exception {
    StreamReader reader = new StreamReader(subscribe());
    reader.readTo(30);
    node.write(30);
    reader.readTo(60);
    assertThat(reader.sequences)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 60).boxed().toList());
  }

  private void assertReported() {
    assertThat(forgeries).isNotEmpty().allMatch(what -> what.contains(node.name()));
    assertThat(consumer.counters().forgeries.sum()).isEqualTo(forgeries.size());
    await().until(() -> !relay.goodbyes().isEmpty());
    assertThat(relay.goodbyes().get(0).getMessage()).contains("forgery");
  }

  /** As good as a frame of the node can be that the node has not sealed. */
  private byte[] forgedFrame(long first, long last) {
    byte[] event =
        Event.newBuilder()
            .setTime(TestNode.START + 1)
            .setKind(Kind.EXEC)
            .setOpen(FileOperation.newBuilder().setPath("/forged"))
            .build()
            .toByteArray();
    try (FrameEncoder encoder = new FrameEncoder()) {
      encoder.begin(node.id(), node.recorder.epoch(), 0, first);
      encoder.add(first, event, 0, event.length);
      ByteBuffer frame = encoder.finish(last, 1);
      byte[] bytes = new byte[frame.remaining() + Message.SEAL_LENGTH];
      frame.get(bytes, 0, frame.remaining());
      return bytes;
    }
  }

  private static boolean endsBatch(Passing message) {
    return message.type() == MessageType.FRAME && (message.flags() & Message.END_OF_BATCH) != 0;
  }

  @Test
  void shouldRefuseEventsThatTheRelayMakesUp() throws Exception {
    once(
        TakenOverRelayTest::endsBatch,
        message ->
            List.of(
                message,
                new Passing(
                    MessageType.FRAME, message.flags(), message.stream(), forgedFrame(31, 31))));
    assertAllComesInTheEnd();
    assertReported();
  }

  @Test
  void shouldRefuseEventsThatTheRelayChanges() throws Exception {
    once(
        message -> message.type() == MessageType.FRAME,
        message -> {
          byte[] frame = forgedFrame(1, 30);
          boolean sealed = (message.flags() & Message.SEALED) != 0;
          int length = frame.length - (sealed ? 0 : Message.SEAL_LENGTH);
          return List.of(message.withPayload(Arrays.copyOf(frame, length)));
        });
    assertAllComesInTheEnd();
    assertReported();
  }

  @Test
  void shouldRefuseEventsThatTheRelayLeavesOut() throws Exception {
    once(
        message -> message.type() == MessageType.FRAME && !endsBatch(message),
        message -> List.of());
    assertAllComesInTheEnd();
    assertReported();
  }

  @Test
  void shouldRefuseProgressThatPassesOverEvents() throws Exception {
    once(
        TakenOverRelayTest::endsBatch,
        message -> {
          byte[] progress =
              Progress.newBuilder()
                  .setEpoch(node.recorder.epoch())
                  .setSequence(1000)
                  .build()
                  .toByteArray();
          byte[] payload = Arrays.copyOf(progress, progress.length + Message.SEAL_LENGTH);
          return List.of(
              message,
              new Passing(MessageType.PROGRESS, Message.SEALED, message.stream(), payload));
        });
    assertAllComesInTheEnd();
    assertReported();
  }

  @Test
  void shouldRefuseAnEndThatTheNodeHasNotSaid() throws Exception {
    once(
        TakenOverRelayTest::endsBatch,
        message ->
            List.of(
                message,
                new Passing(
                    MessageType.STREAM_END,
                    0,
                    message.stream(),
                    StreamEnd.newBuilder().setCode(StreamEnd.Code.DONE).build().toByteArray())));
    assertAllComesInTheEnd();
    assertReported();
  }

  @Test
  void shouldRefuseASubscriptionThatWasNarrowedOnTheWay() throws Exception {
    once(
        message -> message.type() == MessageType.SUBSCRIBE,
        message -> {
          try {
            return List.of(
                message.withPayload(
                    Subscribe.parseFrom(message.payload()).toBuilder()
                        .addKinds(Kind.EXEC)
                        .build()
                        .toByteArray()));
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
          }
        });
    assertAllComesInTheEnd();
    assertReported();
  }

  @Test
  void shouldNotBeTalkedOutOfTheSeal() throws Exception {
    once(
        message -> message.type() == MessageType.SUBSCRIBED,
        message ->
            List.of(
                message.withPayload(
                    Subscribed.newBuilder()
                        .setEpoch(node.recorder.epoch())
                        .setNextSequence(1)
                        .build()
                        .toByteArray())));
    EventStream stream = subscribe();
    new StreamReader(stream).readToEnd();

    assertThat(stream.end().getCode()).isEqualTo(StreamEnd.Code.REFUSED);
    assertThat(stream.end().getMessage()).contains("does not authenticate its frames");
  }

  @Test
  void shouldShowAWithdrawnSubscriptionAsLag() throws Exception {
    relay.does(message -> message.type() == MessageType.SUBSCRIBE ? List.of() : List.of(message));
    EventStream withheld = subscribe();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> withheld.silent().compareTo(Duration.ofMillis(2500)) > 0);
    assertThat(withheld.poll()).isNull();

    relay.does(List::of);
    StreamReader reader = new StreamReader(subscribe());
    reader.readTo(30);
    // Nothing happens there, and it is heard all the same.
    EventStream heard = subscribe();
    new StreamReader(heard).readTo(30);
    await()
        .during(Duration.ofMillis(3500))
        .atMost(Duration.ofSeconds(40))
        .until(() -> heard.silent().compareTo(Duration.ofMillis(2500)) < 0);
    relay.does(message -> message.type() == MessageType.PROGRESS ? List.of() : List.of(message));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> heard.silent().compareTo(Duration.ofMillis(2500)) > 0);
  }

  @Test
  void shouldAskElsewhereWhenASubscriptionIsWithheld(@TempDir Path directory) throws Exception {
    relay.does(message -> message.type() == MessageType.SUBSCRIBE ? List.of() : List.of(message));
    TestNode both =
        bus.closeLater(
            new TestNode(
                bus,
                directory,
                this::carryOut,
                NodeInfo.getDefaultInstance(),
                config ->
                    new BusConfig(List.of(relay.address(), bus.address()), config.identity())));
    both.write(30);
    await().until(() -> both.link.connections() == 2);
    BusClient careful =
        bus.closeLater(
            BusClient.connect(
                new BusConfig(
                    List.of(relay.address(), bus.address()), bus.issue(Role.CONSUMER, "careful")),
                "careful"));
    StreamReader reader =
        new StreamReader(
            careful.subscribe(
                Subscribe.newBuilder()
                    .setNode(both.name())
                    .setFrom(both.wireAt(1))
                    .setLeaseSeconds(2)
                    .setCheckpointed(true)
                    .build()));
    reader.readTo(30);
    assertThat(careful.backplane()).isEqualTo(bus.address());
  }

  @Test
  void shouldRefuseAnAlertThatWasChangedOnTheWay() throws Exception {
    BusClient responder =
        bus.closeLater(
            BusClient.connect(throughRelay(bus.issue(Role.RESPONDER, "responder")), "responder"));
    List<String> reported = new CopyOnWriteArrayList<>();
    List<Alert> taken = new CopyOnWriteArrayList<>();
    responder.onForgery(reported::add);
    responder.serveAlerts(
        alert -> {
          taken.add(alert);
          return CompletableFuture.completedFuture(null);
        });
    responder.connected().get(10, TimeUnit.SECONDS);
    Alert alert = Alert.newBuilder().setId("a1").setRuleId("harmful").build();
    once(
        message -> message.type() == MessageType.PUBLISH_ALERT,
        message -> {
          try {
            return List.of(
                message.withPayload(
                    PublishAlert.parseFrom(message.payload()).toBuilder()
                        .setAlert(alert.toBuilder().setRuleId("harmless").build().toByteString())
                        .build()
                        .toByteArray()));
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
          }
        });

    assertThatThrownBy(() -> consumer.publish(alert).get(10, TimeUnit.SECONDS))
        .hasMessageContaining("the responder refuses the alert: the signature does not fit");
    assertThat(taken).isEmpty();
    assertThat(reported).hasSize(1);
    assertThat(responder.counters().forgeries.sum()).isEqualTo(1);
    await()
        .ignoreExceptions()
        .untilAsserted(() -> consumer.publish(alert).get(5, TimeUnit.SECONDS));
    assertThat(taken).containsExactly(alert);
  }

  private CommandResult carryOut(SignedCommand signed) {
    CommandResult.Builder result = CommandResult.newBuilder().setCommandId("c1");
    try {
      bus.issue(Role.NODE, node.name()).verify(signed, Instant.now());
      return result.setStatus(CommandResult.Status.DONE).build();
    } catch (GeneralSecurityException e) {
      return result.setStatus(CommandResult.Status.REFUSED).setMessage(e.getMessage()).build();
    }
  }

  @Test
  void shouldRefuseACommandThatWasChangedOnTheWay() throws Exception {
    Identity identity = bus.issue(Role.RESPONDER, "responder");
    BusClient responder = bus.closeLater(BusClient.connect(throughRelay(identity), "responder"));
    responder.connected().get(10, TimeUnit.SECONDS);
    await().until(() -> node.link.connections() == 1);
    once(
        message -> message.type() == MessageType.SEND_COMMAND,
        message -> {
          try {
            SendCommand.Builder changed = SendCommand.parseFrom(message.payload()).toBuilder();
            changed
                .getCommandBuilder()
                .setCommand(
                    Command.newBuilder()
                        .setId("c1")
                        .setNode(node.name())
                        .setReason("other")
                        .build()
                        .toByteString());
            return List.of(message.withPayload(changed.build().toByteArray()));
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
          }
        });

    CommandResult result =
        responder
            .send(
                identity.sign(Command.newBuilder().setId("c1").setNode(node.name()).build()),
                node.name())
            .get(15, TimeUnit.SECONDS);

    assertThat(result.getStatus()).isEqualTo(CommandResult.Status.REFUSED);
    assertThat(result.getMessage()).contains("the signature does not fit the data");
  }

  @Test
  void shouldNotBelieveAResultThatTheNodeHasNotGiven() throws Exception {
    Identity identity = bus.issue(Role.RESPONDER, "responder");
    BusClient responder = bus.closeLater(BusClient.connect(throughRelay(identity), "responder"));
    List<String> reported = new CopyOnWriteArrayList<>();
    responder.onForgery(reported::add);
    responder.connected().get(10, TimeUnit.SECONDS);
    await().until(() -> node.link.connections() == 1);
    once(
        message -> message.type() == MessageType.COMMAND_RESULT,
        message ->
            List.of(
                message.withPayload(
                    CommandResult.newBuilder()
                        .setCommandId("c1")
                        .setStatus(CommandResult.Status.DONE)
                        .setMessage("all is well")
                        .build()
                        .toByteArray())));

    CommandResult result =
        responder
            .send(
                identity.sign(Command.newBuilder().setId("c1").setNode(node.name()).build()),
                node.name())
            .get(15, TimeUnit.SECONDS);

    // Asked again over the next connection, as commands are: their ids make that safe.
    assertThat(result.getMessage()).isNotEqualTo("all is well");
    assertThat(reported).hasSize(1).allMatch(what -> what.contains("result of command c1"));
  }
}
