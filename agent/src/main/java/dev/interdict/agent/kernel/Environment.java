package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Of the variables that a program was started with, those that change what it loads or runs. */
final class Environment {
  static final List<String> OF_INTEREST =
      List.of(
          "LD_PRELOAD",
          "LD_LIBRARY_PATH",
          "LD_AUDIT",
          "LD_DEBUG_OUTPUT",
          "LD_PROFILE_OUTPUT",
          "GLIBC_TUNABLES",
          "GCONV_PATH",
          "BASH_ENV",
          "ENV",
          "IFS",
          "PS4",
          "PROMPT_COMMAND",
          "SHELLOPTS",
          "PYTHONPATH",
          "PYTHONHOME",
          "PYTHONSTARTUP",
          "PERL5LIB",
          "PERL5OPT",
          "PERL5DB",
          "RUBYLIB",
          "RUBYOPT",
          "NODE_OPTIONS",
          "NODE_PATH",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "_JAVA_OPTIONS",
          "LUA_INIT",
          "GIT_SSH_COMMAND",
          "OPENSSL_CONF");

  private static final int VALUE_LIMIT = 1024;
  private static final byte[][] NAMES = new byte[OF_INTEREST.size()][];

  /** By their first characters and length: nearly every other name is told apart by one look. */
  private static final long[] BEGINNINGS = new long[256];

  static {
    for (int i = 0; i < NAMES.length; i++) {
      NAMES[i] = OF_INTEREST.get(i).getBytes(StandardCharsets.US_ASCII);
      BEGINNINGS[NAMES[i][0]] |= 1L << NAMES[i].length;
    }
  }

  private Environment() {}

  /** NAME=value, joined by one space; left out where there is none. */
  static void write(ProtoBuffer out, int field, ByteBuffer data, int at, int span) {
    int from = Spans.start(data, at, span);
    int stop = from + Spans.length(data, at, span);
    int message = 0;
    while (from < stop) {
      int end = from;
      int name = 0;
      byte c;
      while (end < stop && (c = data.get(end)) != 0) {
        if (c == '=' && name == 0) {
          name = end - from;
        }
        end++;
      }
      if (isOfInterest(data, from, name)) {
        if (message == 0) {
          message = out.begin(field);
        } else {
          out.appendByte(' ');
        }
        out.appendText(data, from, Math.min(end - from, name + 1 + VALUE_LIMIT));
      }
      from = end + 1;
    }
    if (message != 0) {
      out.end(message);
    }
  }

  private static boolean isOfInterest(ByteBuffer data, int from, int length) {
    if (length == 0 || length >= 64 || (BEGINNINGS[data.get(from) & 0xff] >>> length & 1) == 0) {
      return false;
    }
    for (byte[] name : NAMES) {
      if (name.length == length && isSame(name, data, from)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSame(byte[] name, ByteBuffer data, int from) {
    for (int i = 0; i < name.length; i++) {
      if (name[i] != data.get(from + i)) {
        return false;
      }
    }
    return true;
  }
}
