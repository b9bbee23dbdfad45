package dev.interdict.agent.kernel;

import dev.interdict.agent.application.HttpHead;
import dev.interdict.agent.application.Secrets;
import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;

/** {@code struct app_record} as the messages Shell, Http and Login. */
final class AppEvents {
  private static final int TEXT_LIMIT = 1024;
  private static final int SERVICE = 0;
  private static final int USER = 1;
  private static final int REMOTE_HOST = 2;
  private static final int TERMINAL = 3;
  private static final int SPAN = 4;

  private final LongFunction<byte[]> paths;
  private final Secrets secrets = new Secrets();
  private final HttpHead head = new HttpHead();
  private final byte[] text = new byte[TEXT_LIMIT];

  /**
   * @param paths of the files that programs are attached to, by number
   */
  AppEvents(LongFunction<byte[]> paths) {
    this.paths = paths;
  }

  /** False where it turns out to be nothing. */
  boolean write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    boolean any =
        switch (kind) {
          case Kind.READLINE_VALUE -> shell(out, data, at);
          case Kind.TLS_VALUE -> http(out, data, at);
          default -> login(out, data, at);
        };
    out.end(message);
    return any;
  }

  private boolean shell(ProtoBuffer out, ByteBuffer data, int at) {
    secrets.maskCommand(text, 0, copy(data, at, 0));
    out.text(1, secrets.text(), 0, secrets.length());
    library(out, 2, data, at);
    return true;
  }

  private boolean http(ProtoBuffer out, ByteBuffer data, int at) {
    if (!head.write(out, text, copy(data, at, 0))) {
      return false;
    }
    library(out, 8, data, at);
    out.flagAlways(9, data.getInt(at + Record.App.OPERATION) == 1);
    return true;
  }

  private boolean login(ProtoBuffer out, ByteBuffer data, int at) {
    int operation = data.getInt(at + Record.App.OPERATION);
    switch (operation) {
      case 1 -> out.ascii(1, "authenticate");
      case 2 -> out.ascii(1, "check_account");
      case 3 -> out.ascii(1, "open_session");
      case 4 -> out.ascii(1, "close_session");
      case 5 -> out.ascii(1, "change_password");
      default -> throw new MalformedRecordException("unknown operation=" + operation);
    }
    // Were the handle another than the one that is known, its members would not be told as names.
    if (isName(copy(data, at, SERVICE))) {
      Spans.text(out, 2, data, at, Record.App.TEXTS + SPAN * SERVICE);
      Spans.text(out, 3, data, at, Record.App.TEXTS + SPAN * USER);
      Spans.text(out, 4, data, at, Record.App.TEXTS + SPAN * REMOTE_HOST);
      Spans.text(out, 5, data, at, Record.App.TEXTS + SPAN * TERMINAL);
    }
    int status = data.getInt(at + Record.App.STATUS);
    out.flagAlways(6, status == 0);
    out.numberAlways(7, status & 0xffff_ffffL);
    return true;
  }

  private int copy(ByteBuffer data, int at, int index) {
    int span = Record.App.TEXTS + SPAN * index;
    int length = Math.min(TEXT_LIMIT, Spans.length(data, at, span));
    data.get(Spans.start(data, at, span), text, 0, length);
    return length;
  }

  private boolean isName(int length) {
    for (int i = 0; i < length; i++) {
      if (text[i] <= ' ' || text[i] == 127) {
        return false;
      }
    }
    return length > 0;
  }

  private void library(ProtoBuffer out, int field, ByteBuffer data, int at) {
    byte[] path = paths.apply(data.getLong(at + Record.App.IMAGE));
    if (path != null) {
      out.text(field, path, 0, path.length);
    }
  }
}
