package dev.interdict.agent.application;

import java.nio.charset.StandardCharsets;

/**
 * Writes text with {@code ***} where a secret stands: what is named like one, passwords in URLs,
 * options that give one, and tokens that are known by their shape. It would rather hide too much.
 * Keeps its result in an array of its own; not for more than one thread.
 */
public final class Secrets {
  private static final byte[] MASK = bytes("***");

  /** A name is a secret's if it contains one of these. */
  private static final byte[][] PARTS =
      all(
          "password",
          "passwd",
          "passphrase",
          "secret",
          "token",
          "api_key",
          "api-key",
          "apikey",
          "access_key",
          "access-key",
          "accesskey",
          "private_key",
          "private-key",
          "privatekey",
          "credential",
          "authorization",
          "cookie",
          "signature",
          "session");

  /** Or is one of these, or ends with one of them after a hyphen or underline. */
  private static final byte[][] WORDS =
      all("key", "pass", "pwd", "sig", "auth", "sid", "jwt", "pat", "pw");

  /** Whose value may have spaces. */
  private static final byte[][] LONG_HEADERS = all("authorization", "cookie");

  private static final byte[][] SCHEMES = all("bearer", "basic", "negotiate");

  private static final byte[][] SHAPES =
      all(
          "ghp_",
          "gho_",
          "ghs_",
          "ghu_",
          "github_pat_",
          "glpat-",
          "xoxb-",
          "xoxp-",
          "xoxa-",
          "eyJ",
          "sk-",
          "AKIA",
          "ASIA",
          "hvs.",
          "npm_",
          "dckr_pat_");

  private static final int SHAPE_LEAST = 16;

  /** Programs with an option of one letter for a password. */
  private static final byte[][] PROGRAMS =
      all(
          "mysql",
          "mysqldump",
          "mysqladmin",
          "mysqlimport",
          "mariadb",
          "mariadb-dump",
          "mariadb-admin",
          "mongo",
          "mongosh",
          "mongodump",
          "mongorestore",
          "sshpass",
          "login",
          "redis-cli",
          "ldapsearch",
          "ldapmodify",
          "ldapadd",
          "ldapwhoami",
          "curl",
          "wget",
          "zip",
          "unzip",
          "smbclient",
          "rpcclient",
          "net",
          "sqlcmd",
          "influx",
          "rabbitmqadmin");

  private static final byte[] LETTERS = bytes("pppppppppppppawwwwuuPPUUUPpp");

  private byte[] text = new byte[4096];
  private int length;
  private byte[] in;
  private int end;
  private boolean shell;
  private int quote; // that the text is inside of; 0: none
  private int letter; // of the option for a password of the program that the line calls

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[][] all(String... texts) {
    byte[][] all = new byte[texts.length][];
    for (int i = 0; i < all.length; i++) {
      all[i] = bytes(texts[i]);
    }
    return all;
  }

  public byte[] text() {
    return text;
  }

  public int length() {
    return length;
  }

  /** A line as it is typed into a shell. */
  public void maskCommand(byte[] from, int offset, int size) {
    mask(from, offset, size, true);
  }

  /** The lines of an HTTP message before its body. */
  public void maskHead(byte[] from, int offset, int size) {
    mask(from, offset, size, false);
  }

  private void mask(byte[] from, int offset, int size, boolean asShell) {
    in = from;
    end = offset + size;
    shell = asShell;
    quote = 0;
    letter = 0;
    length = 0;
    if (text.length < 4 * size + 16) {
      text = new byte[4 * size + 16];
    }
    int at = offset;
    while (at < end) {
      at = isName(in[at]) ? name(at) : other(at);
    }
  }

  /** Not of a name: quotes and ends of commands are remembered. */
  private int other(int at) {
    byte c = in[at];
    if (shell && (c == '"' || c == '\'')) {
      quote = quote == 0 ? c : quote == c ? 0 : quote;
    } else if (quote == 0 && (c == ';' || c == '|' || c == '&' || c == '\n' || c == '(')) {
      letter = 0;
    }
    if (shell && c == '\\' && at + 1 < end) {
      put(c);
      put(in[at + 1]);
      return at + 2;
    }
    put(c);
    return at + 1;
  }

  /** A run of letters, digits and the like, and what follows it if that is its value. */
  private int name(int from) {
    int to = from;
    while (to < end && isName(in[to])) {
      to++;
    }
    if (hasShape(from, to)) {
      put(MASK);
      return to;
    }
    if (shell) {
      int option = option(from, to);
      if (option > 0) {
        return option;
      }
      program(from, to);
    }
    put(from, to);
    if (to + 2 < end && in[to] == ':' && in[to + 1] == '/' && in[to + 2] == '/') {
      return url(to);
    }
    if (isOneOf(SCHEMES, from, to)) {
      int word = skipSpaces(to);
      if (word > to && word < end && !isBreak(in[word])) {
        put(to, word);
        return value(word, false);
      }
      return to;
    }
    return isSecret(from, to) ? assigned(from, to) : to;
  }

  /** After the name of a secret: what it is set to, if it is. */
  private int assigned(int from, int to) {
    int at = to;
    if (at < end && (in[at] == '"' || in[at] == '\'') && from > 0 && in[from - 1] == in[at]) {
      if (shell && in[at] == quote) {
        quote = 0;
      }
      at++; // the name is in quotes of its own
    }
    int sign = skipSpaces(at);
    if (at < end && in[at] == '=') {
      put(to, at + 1);
      return value(at + 1, false);
    }
    if (sign < end && in[sign] == ':') {
      int value = skipSpaces(sign + 1);
      put(to, value);
      return value(value, true);
    }
    if (at < end && startsWith(PERCENT_EQUALS, at)) {
      put(to, at + 3);
      return value(at + 3, false);
    }
    if (shell && in[from] == '-' && sign > at && sign < end && in[sign] != '-') {
      put(to, sign);
      return value(sign, false);
    }
    put(to, at);
    return at;
  }

  private static final byte[] PERCENT_EQUALS = bytes("%3D");

  /** Puts the mask for the value that begins here and gives its end. */
  private int value(int from, boolean ofColon) {
    int at = from;
    if (at < end && in[at] != quote && (in[at] == '"' || in[at] == '\'')) {
      byte open = in[at++];
      while (at < end && in[at] != open) {
        at += in[at] == '\\' && open == '"' ? 2 : 1;
      }
      put(open);
      put(MASK);
      if (at < end) {
        put(open);
      }
      return Math.min(end, at + 1) < end && shell && quote == 0
          ? restOfWord(at + 1)
          : Math.min(end, at + 1);
    }
    boolean line = ofColon && isLongHeader(from);
    at = line ? endOfLine(at) : ofColon || quote != 0 ? plain(at, ofColon) : restOfWord(at);
    if (at > from) {
      put(MASK);
    }
    return at;
  }

  /** Of a header or of text in quotes. */
  private int plain(int from, boolean ofColon) {
    int at = from;
    while (at < end && !isBreak(in[at]) && !(ofColon && (in[at] == ',' || in[at] == '}'))) {
      at++;
    }
    // "Bearer" and its like are followed by what matters.
    int word = skipSpaces(at);
    if (ofColon && word > at && word < end && isOneOf(SCHEMES, from, at)) {
      return plain(word, true);
    }
    return at;
  }

  private int endOfLine(int from) {
    int at = from;
    while (at < end && in[at] != '\r' && in[at] != '\n' && !(quote != 0 && in[at] == quote)) {
      at++;
    }
    return at;
  }

  /** A word of the shell may be made of quoted and plain parts. */
  private int restOfWord(int from) {
    int at = from;
    while (at < end && !isEnd(in[at])) {
      if (shell && in[at] == '\\') {
        at++;
      } else if (shell && (in[at] == '"' || in[at] == '\'')) {
        byte open = in[at++];
        while (at < end && in[at] != open) {
          at++;
        }
      }
      at++;
    }
    return Math.min(at, end);
  }

  private static boolean isEnd(byte c) {
    return c <= ' ' && c >= 0 || c == '&' || c == ';' || c == '|' || c == ')' || c == '#';
  }

  private static boolean isBreak(byte c) {
    return isEnd(c) || c == '"' || c == '\'';
  }

  /** Behind the scheme: the password before the host, if there is one. */
  private int url(int from) {
    int to = from + 3;
    int host = -1;
    int colon = -1;
    while (to < end && !isBreak(in[to]) && in[to] != '/' && in[to] != '?') {
      if (in[to] == '@') {
        host = to;
      } else if (in[to] == ':' && colon < 0) {
        colon = to;
      }
      to++;
    }
    if (host < 0) {
      put(from, from + 3);
      return from + 3;
    }
    if (colon > 0 && colon < host) {
      put(from, colon + 1);
      put(MASK);
    } else if (host - from - 3 >= SHAPE_LEAST) {
      put(from, from + 3);
      put(MASK);
    } else {
      put(from, host);
    }
    return host;
  }

  /** {@code -pPASSWORD} and {@code -p PASSWORD}; 0 where it is no such option. */
  private int option(int from, int to) {
    if (letter == 0 || to - from < 2 || in[from] != '-') {
      return 0;
    }
    byte given = in[from + 1];
    if (given != letter && !(letter == 'u' && given == 'U')) {
      return 0;
    }
    int value = from + 2;
    if (value == to && (to == end || in[to] <= ' ')) {
      value = skipSpaces(to);
      if (value == end || in[value] == '-') {
        return 0;
      }
    }
    put(from, value);
    return value(value, false);
  }

  private void program(int from, int to) {
    for (int i = 0; i < PROGRAMS.length; i++) {
      if (equal(PROGRAMS[i], from, to)) {
        letter = LETTERS[i];
        return;
      }
    }
  }

  private boolean hasShape(int from, int to) {
    if (to - from >= SHAPE_LEAST) {
      for (byte[] shape : SHAPES) {
        if (startsWith(shape, from)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isSecret(int from, int to) {
    for (byte[] part : PARTS) {
      if (contains(part, from, to)) {
        return true;
      }
    }
    for (byte[] word : WORDS) {
      int at = to - word.length;
      if (at >= from
          && equal(word, at, to)
          && (at == from || in[at - 1] == '-' || in[at - 1] == '_')) {
        boolean directory = word.length == 3 && in[at] == 'P' && in[at + 1] == 'W'; // PWD
        return !directory || at > from && in[from] != 'O';
      }
    }
    return false;
  }

  /** Whether the name before the colon that ended just before is that of a header with spaces. */
  private boolean isLongHeader(int value) {
    int colon = value - 1;
    while (colon > 0 && in[colon] != ':') {
      colon--;
    }
    int to = colon;
    while (to > 0 && !isName(in[to - 1])) {
      to--;
    }
    int from = to;
    while (from > 0 && isName(in[from - 1])) {
      from--;
    }
    for (byte[] header : LONG_HEADERS) {
      if (contains(header, from, to)) {
        return true;
      }
    }
    return false;
  }

  private int skipSpaces(int from) {
    int at = from;
    while (at < end && (in[at] == ' ' || in[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static boolean isName(byte c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == '-'
        || c == '.';
  }

  private static int lower(byte c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }

  private boolean contains(byte[] part, int from, int to) {
    for (int at = from; at <= to - part.length; at++) {
      if (equal(part, at, at + part.length)) {
        return true;
      }
    }
    return false;
  }

  private boolean isOneOf(byte[][] words, int from, int to) {
    for (byte[] word : words) {
      if (equal(word, from, to)) {
        return true;
      }
    }
    return false;
  }

  /** Capitals in the text do not matter. */
  private boolean equal(byte[] word, int from, int to) {
    if (word.length != to - from) {
      return false;
    }
    for (int i = 0; i < word.length; i++) {
      if (lower(in[from + i]) != word[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean startsWith(byte[] word, int from) {
    if (word.length > end - from) {
      return false;
    }
    for (int i = 0; i < word.length; i++) {
      if (in[from + i] != word[i]) {
        return false;
      }
    }
    return true;
  }

  private void put(byte c) {
    text[length++] = c;
  }

  private void put(byte[] all) {
    System.arraycopy(all, 0, text, length, all.length);
    length += all.length;
  }

  private void put(int from, int to) {
    System.arraycopy(in, from, text, length, to - from);
    length += to - from;
  }
}
