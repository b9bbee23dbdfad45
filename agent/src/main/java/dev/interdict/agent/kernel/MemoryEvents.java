package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/** Memory made, or made executable. */
final class MemoryEvents {
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;

  private MemoryEvents() {}

  static void write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    CallEvents.operation(out, data, at);
    if (kind != Kind.MPROTECT_VALUE) {
      CallEvents.text(out, 2, data, at, 0);
      out.numberAlways(3, CallEvents.number(data, at, 0));
      return;
    }
    out.numberAlways(4, CallEvents.number(data, at, 1));
    out.numberAlways(5, CallEvents.number(data, at, 2));
    long protection = CallEvents.number(data, at, 3);
    int text = out.begin(6);
    out.appendByte((protection & READ) != 0 ? 'r' : '-');
    out.appendByte((protection & WRITE) != 0 ? 'w' : '-');
    out.appendByte((protection & EXECUTE) != 0 ? 'x' : '-');
    out.end(text);
    CallEvents.text(out, 8, data, at, 0);
  }
}
