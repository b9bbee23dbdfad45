package dev.interdict.agent.application;

import dev.interdict.agent.event.ProtoBuffer;
import java.nio.charset.StandardCharsets;

/** The first lines of an HTTP/1 message as the message Http, with its secrets masked. */
public final class HttpHead {
  private static final byte[] HOST = "host:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] USER_AGENT = "user-agent:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private final Secrets secrets = new Secrets();
  private byte[] text;
  private int end;

  /**
   * Writes the fields of an Http message but its library and who sent it.
   *
   * @return false if it is no such message after all
   */
  public boolean write(ProtoBuffer out, byte[] from, int length) {
    secrets.maskHead(from, 0, headLength(from, length));
    text = secrets.text();
    end = secrets.length();
    int line = lineEnd(0);
    if (startsWith(VERSION, 0)) {
      return response(out, line);
    }
    int method = indexOf(' ', 0, line);
    int target = indexOf(' ', method + 1, line);
    if (method < 0 || target < 0 && line < end || target > 0 && !startsWith(VERSION, target + 1)) {
      return false;
    }
    out.ascii(1, "request");
    out.text(2, text, 0, method);
    int path = target < 0 ? line : target;
    out.text(3, text, method + 1, path - method - 1);
    header(out, 4, HOST, line);
    header(out, 5, USER_AGENT, line);
    out.text(7, text, 0, end);
    return true;
  }

  private boolean response(ProtoBuffer out, int line) {
    int space = indexOf(' ', 0, line);
    if (space < 0 || space + 4 > line) {
      return false;
    }
    int status = 0;
    for (int i = space + 1; i < space + 4; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return false;
      }
      status = 10 * status + text[i] - '0';
    }
    out.ascii(1, "response");
    out.numberAlways(6, status);
    out.text(7, text, 0, end);
    return true;
  }

  /** Up to the empty line: what follows is the body. */
  private static int headLength(byte[] from, int length) {
    for (int i = 0; i + 1 < length; i++) {
      if (from[i] == '\n' && (from[i + 1] == '\n' || from[i + 1] == '\r')) {
        return i > 0 && from[i - 1] == '\r' ? i - 1 : i;
      }
    }
    return length;
  }

  private int lineEnd(int from) {
    int at = from;
    while (at < end && text[at] != '\r' && text[at] != '\n') {
      at++;
    }
    return at;
  }

  private int indexOf(int c, int from, int to) {
    for (int at = Math.max(0, from); at < to; at++) {
      if (text[at] == c) {
        return at;
      }
    }
    return -1;
  }

  private boolean startsWith(byte[] word, int from) {
    if (from + word.length > end) {
      return false;
    }
    for (int i = 0; i < word.length; i++) {
      int c = text[from + i];
      int lower = c >= 'A' && c <= 'Z' && word != VERSION ? c + 32 : c;
      if (lower != word[i]) {
        return false;
      }
    }
    return true;
  }

  private void header(ProtoBuffer out, int field, byte[] name, int firstLine) {
    int at = firstLine;
    while (at < end) {
      int line = at;
      while (line < end && (text[line] == '\r' || text[line] == '\n')) {
        line++;
      }
      int stop = lineEnd(line);
      if (startsWith(name, line)) {
        int value = line + name.length;
        while (value < stop && text[value] == ' ') {
          value++;
        }
        out.text(field, text, value, stop - value);
        return;
      }
      at = Math.max(stop, line + 1);
    }
  }
}
