package dev.interdict.bus.wire;

import dev.interdict.record.FrameHeader;

/** Number on the wire and the longest payload, in bytes. Numbers are never used again. */
public enum MessageType {
  HELLO(1, 64 << 10),
  HELLO_ACK(2, 4 << 10),
  PING(3, 0),
  PONG(4, 0),
  GOODBYE(5, 4 << 10),

  WATCH_PRESENCE(16, 0),
  PRESENCE(17, 128 << 10),
  NODE_STATUS(18, 48 << 10),

  SUBSCRIBE(32, 16 << 10),
  SUBSCRIBED(33, 16 << 10),
  CREDIT(34, 64),
  PROGRESS(35, 64),
  FRAME(36, FrameHeader.MAX_FRAME_LENGTH + Message.SEAL_LENGTH),
  STREAM_END(37, 4 << 10),
  UNSUBSCRIBE(38, 0),
  RENEW(39, 0),
  ACKNOWLEDGE(40, 64),

  SERVE_ALERTS(48, 0),
  PUBLISH_ALERT(49, 1 << 20),
  ALERT_ACK(50, 4 << 10),

  SEND_COMMAND(64, 128 << 10),
  COMMAND_RESULT(65, 1 << 20);

  private static final MessageType[] BY_CODE = new MessageType[256];

  static {
    for (MessageType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int limit;

  MessageType(int code, int limit) {
    this.code = code;
    this.limit = limit;
  }

  public int code() {
    return code;
  }

  public int limit() {
    return limit;
  }

  public static MessageType of(int code) {
    MessageType type = BY_CODE[code & 0xFF];
    if (type == null) {
      throw WireException.protocol("unknown message type=" + (code & 0xFF));
    }
    return type;
  }
}
