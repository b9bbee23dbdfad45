package dev.interdict.bus.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.bus.trust.Signatures;
import dev.interdict.bus.trust.Signers;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.Alert;
import dev.interdict.schema.AlertAck;
import dev.interdict.schema.PublishAlert;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** The responder's end of alerts. Event loop only. */
// The acknowledgement carries the failure of the handler to the publisher.
@SuppressWarnings("FutureReturnValueIgnored")
final class AlertIntake {
  private final EventLoop loop;
  private final Signers signers;
  private final Consumer<String> onForgery;
  private Function<Alert, CompletableFuture<Void>> handler;
  private DialedConnection connection;

  AlertIntake(EventLoop loop, Signers signers, Consumer<String> onForgery) {
    this.loop = loop;
    this.signers = signers;
    this.onForgery = onForgery;
  }

  void serve(Function<Alert, CompletableFuture<Void>> alerts) {
    handler = alerts;
    if (connection != null) {
      offer();
      connection.channel().flush();
    }
  }

  /** The backplane goes on to send; its publishers are told that nobody takes alerts here. */
  void stop() {
    handler = null;
  }

  void connected(DialedConnection ready) {
    connection = ready;
    if (handler != null) {
      offer();
    }
  }

  private void offer() {
    connection.write(Message.of(connection.channel().alloc(), MessageType.SERVE_ALERTS, 0));
  }

  void lost() {
    connection = null;
  }

  void onAlert(DialedConnection from, ByteBuf message) {
    int stream = Message.stream(message);
    Alert alert;
    try {
      alert =
          Signatures.verify(Message.parse(message, PublishAlert.parser()), signers, Instant.now());
    } catch (GeneralSecurityException | InvalidProtocolBufferException e) {
      onForgery.accept("alert refused: " + e.getMessage());
      answer(from, stream, "", "the responder refuses the alert: " + e.getMessage());
      return;
    }
    if (handler == null) {
      answer(from, stream, alert.getId(), "the responder has stopped taking alerts");
      return;
    }
    handler
        .apply(alert)
        .whenComplete(
            (done, failure) ->
                loop.execute(
                    () ->
                        answer(
                            from,
                            stream,
                            alert.getId(),
                            failure == null ? "" : "the responder failed: " + failure)));
  }

  private static void answer(DialedConnection to, int stream, String alertId, String error) {
    to.writeAndFlush(
        Message.of(
            to.channel().alloc(),
            MessageType.ALERT_ACK,
            stream,
            AlertAck.newBuilder().setAlertId(alertId).setError(error).build()));
  }
}
