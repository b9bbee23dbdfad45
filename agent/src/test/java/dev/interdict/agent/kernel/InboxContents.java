package dev.interdict.agent.kernel;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.schema.Audit;
import dev.interdict.schema.Event;
import dev.interdict.schema.Kind;
import java.util.ArrayList;
import java.util.List;

/** Takes what waits in an inbox, as the sensor's thread does. */
public final class InboxContents {
  private InboxContents() {}

  public static List<Audit> take(Inbox inbox) {
    List<Audit> taken = new ArrayList<>();
    Inbox.Entry entry;
    while ((entry = inbox.poll()) != null) {
      try {
        taken.add(Event.parseFrom(entry.rest()).getAudit());
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("an event that cannot be read", e);
      }
    }
    return taken;
  }

  public static long lost(Inbox inbox, Kind kind) {
    return inbox.lost(kind.getNumber());
  }
}
