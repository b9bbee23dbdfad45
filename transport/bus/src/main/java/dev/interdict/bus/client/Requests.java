package dev.interdict.bus.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.trust.Signatures;
import dev.interdict.bus.trust.Signers;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.Alert;
import dev.interdict.schema.AlertAck;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.PublishAlert;
import dev.interdict.schema.SendCommand;
import dev.interdict.schema.SignedCommand;
import io.netty.channel.EventLoop;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Alerts and commands that wait for their answer. They outlive a connection and are sent again on
 * the next: alerts and commands carry ids by which a repetition is known. Event loop only, but for
 * alert and command.
 */
final class Requests {
  private static final int LIMIT = 1024;
  private static final int MAX_MESSAGE_ID = 64;

  private record Request(
      MessageType type,
      String node,
      MessageLite payload,
      Consumer<MessageLite> answer,
      Consumer<String> failure,
      ScheduledFuture<?> timeout) {}

  private final EventLoop loop;
  private final Signers signers;
  private final Consumer<String> onForgery;
  private final Duration limit;
  private final IntSupplier nextStream;
  private final Supplier<String> lastFailure;
  private final Map<Integer, Request> open = new LinkedHashMap<>();
  private DialedConnection connection;
  private boolean closed;

  Requests(
      EventLoop loop,
      Duration limit,
      IntSupplier nextStream,
      Supplier<String> lastFailure,
      Signers signers,
      Consumer<String> onForgery) {
    this.loop = loop;
    this.signers = signers;
    this.onForgery = onForgery;
    this.limit = limit;
    this.nextStream = nextStream;
    this.lastFailure = lastFailure;
  }

  CompletableFuture<AlertAck> alert(Alert alert, Identity publisher) {
    CompletableFuture<AlertAck> answer = new CompletableFuture<>();
    PublishAlert payload = Signatures.sign(alert, publisher);
    if (payload.getSerializedSize() > MessageType.PUBLISH_ALERT.limit()) {
      answer.completeExceptionally(
          new BusException(
              "alert "
                  + alert.getId()
                  + ": invalid size="
                  + payload.getSerializedSize()
                  + " limit="
                  + MessageType.PUBLISH_ALERT.limit()));
      return answer;
    }
    send(
        MessageType.PUBLISH_ALERT,
        "",
        payload,
        ack -> answer.complete((AlertAck) ack),
        why ->
            answer.completeExceptionally(new BusException("alert " + alert.getId() + ": " + why)));
    return answer;
  }

  CompletableFuture<CommandResult> command(SignedCommand command, String node) {
    CompletableFuture<CommandResult> answer = new CompletableFuture<>();
    CommandResult.Builder failed =
        CommandResult.newBuilder()
            .setCommandId(commandId(command))
            .setStatus(CommandResult.Status.UNREACHABLE);
    SendCommand payload = SendCommand.newBuilder().setCommand(command).setNode(node).build();
    if (payload.getSerializedSize() > MessageType.SEND_COMMAND.limit()) {
      throw new IllegalArgumentException(
          "invalid command.size="
              + payload.getSerializedSize()
              + " limit="
              + MessageType.SEND_COMMAND.limit());
    }
    send(
        MessageType.SEND_COMMAND,
        node,
        payload,
        result -> answer.complete((CommandResult) result),
        why -> answer.complete(failed.setMessage(why).build()));
    return answer;
  }

  private static String commandId(SignedCommand signed) {
    try {
      String id = Command.parseFrom(signed.getCommand()).getId();
      return id.length() > MAX_MESSAGE_ID ? id.substring(0, MAX_MESSAGE_ID) : id;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("malformed command: " + e.getMessage(), e);
    }
  }

  private void send(
      MessageType type,
      String node,
      MessageLite payload,
      Consumer<MessageLite> answer,
      Consumer<String> failure) {
    loop.execute(
        () -> {
          if (closed) {
            failure.accept("this client is closed");
            return;
          }
          if (open.size() >= LIMIT) {
            failure.accept(LIMIT + " requests are unanswered, the limit");
            return;
          }
          int stream = nextStream.getAsInt();
          Request request =
              new Request(
                  type,
                  node,
                  payload,
                  answer,
                  failure,
                  loop.schedule(() -> expired(stream), limit.toMillis(), TimeUnit.MILLISECONDS));
          open.put(stream, request);
          if (connection != null) {
            write(stream, request);
            connection.channel().flush();
          }
        });
  }

  private void write(int stream, Request request) {
    connection.write(
        Message.of(connection.channel().alloc(), request.type(), stream, request.payload()));
  }

  void connected(DialedConnection ready) {
    connection = ready;
    open.forEach(this::write);
  }

  void lost() {
    connection = null;
  }

  void acknowledged(int stream, AlertAck ack) {
    answered(stream, MessageType.PUBLISH_ALERT, ack);
  }

  /** That nobody has answered is all that a backplane may say in the name of a node. */
  void carriedOut(int stream, CommandResult result) {
    Request request = open.get(stream);
    if (request != null && result.getStatus() != CommandResult.Status.UNREACHABLE) {
      try {
        Signatures.verify(result, request.node(), signers, Instant.now());
      } catch (GeneralSecurityException e) {
        onForgery.accept("result of command " + result.getCommandId() + ": " + e.getMessage());
        return;
      }
    }
    answered(stream, MessageType.SEND_COMMAND, result);
  }

  private void answered(int stream, MessageType question, MessageLite answer) {
    Request request = open.get(stream);
    if (request == null || request.type() != question) {
      return; // its time was up
    }
    open.remove(stream);
    request.timeout().cancel(false);
    request.answer().accept(answer);
  }

  private void expired(int stream) {
    Request request = open.remove(stream);
    if (request != null) {
      String why = "no answer within " + limit.toMillis() + " ms";
      request
          .failure()
          .accept(connection == null ? why + ", no backplane: " + lastFailure.get() : why);
    }
  }

  void close() {
    closed = true;
    for (Request request : List.copyOf(open.values())) {
      request.timeout().cancel(false);
      request.failure().accept("this client is closed");
    }
    open.clear();
  }
}
