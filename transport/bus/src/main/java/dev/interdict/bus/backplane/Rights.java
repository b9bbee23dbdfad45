package dev.interdict.bus.backplane;

import static dev.interdict.bus.wire.MessageType.ACKNOWLEDGE;
import static dev.interdict.bus.wire.MessageType.ALERT_ACK;
import static dev.interdict.bus.wire.MessageType.COMMAND_RESULT;
import static dev.interdict.bus.wire.MessageType.CREDIT;
import static dev.interdict.bus.wire.MessageType.FRAME;
import static dev.interdict.bus.wire.MessageType.NODE_STATUS;
import static dev.interdict.bus.wire.MessageType.PROGRESS;
import static dev.interdict.bus.wire.MessageType.PUBLISH_ALERT;
import static dev.interdict.bus.wire.MessageType.RENEW;
import static dev.interdict.bus.wire.MessageType.SEND_COMMAND;
import static dev.interdict.bus.wire.MessageType.SERVE_ALERTS;
import static dev.interdict.bus.wire.MessageType.STREAM_END;
import static dev.interdict.bus.wire.MessageType.SUBSCRIBE;
import static dev.interdict.bus.wire.MessageType.SUBSCRIBED;
import static dev.interdict.bus.wire.MessageType.UNSUBSCRIBE;
import static dev.interdict.bus.wire.MessageType.WATCH_PRESENCE;

import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.bus.wire.WireException;
import dev.interdict.schema.Goodbye;
import java.util.EnumSet;
import java.util.Set;

/** What each role may send to a backplane. */
final class Rights {
  private static final Set<MessageType> NODE =
      EnumSet.of(SUBSCRIBED, FRAME, PROGRESS, STREAM_END, COMMAND_RESULT, NODE_STATUS);
  private static final Set<MessageType> CONSUMER =
      EnumSet.of(WATCH_PRESENCE, SUBSCRIBE, CREDIT, UNSUBSCRIBE, RENEW, ACKNOWLEDGE, PUBLISH_ALERT);
  private static final Set<MessageType> RESPONDER =
      EnumSet.of(
          WATCH_PRESENCE,
          SUBSCRIBE,
          CREDIT,
          UNSUBSCRIBE,
          RENEW,
          ACKNOWLEDGE,
          SERVE_ALERTS,
          ALERT_ACK,
          SEND_COMMAND);
  private static final Set<MessageType> ADMIN =
      EnumSet.of(
          WATCH_PRESENCE,
          SUBSCRIBE,
          CREDIT,
          UNSUBSCRIBE,
          RENEW,
          ACKNOWLEDGE,
          PUBLISH_ALERT,
          SEND_COMMAND);

  private Rights() {}

  static void check(PeerName peer, MessageType type) {
    if (!of(peer.role()).contains(type)) {
      throw new WireException(
          Goodbye.Code.FORBIDDEN, "role " + peer.role() + " of " + peer + " may not send " + type);
    }
  }

  private static Set<MessageType> of(Role role) {
    return switch (role) {
      case NODE -> NODE;
      case CONSUMER -> CONSUMER;
      case RESPONDER -> RESPONDER;
      case ADMIN -> ADMIN;
      case BACKPLANE -> Set.of();
    };
  }
}
