package dev.interdict.agent.enrich;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** Names of the node's own accounts, read again when the file has changed. */
public final class Users {
  private static final long FILE_LIMIT = 4 << 20;

  private final Path passwd;
  private LongTable index = new LongTable(64);
  private byte[][] names = new byte[0][];
  private FileTime read;

  public Users(Path passwd) {
    this.passwd = passwd;
    refresh();
  }

  /** Null where the account has no name here. */
  byte[] name(int uid) {
    int at = index.get((uid & 0xffff_ffffL) + 1);
    return at == LongTable.ABSENT ? null : names[at];
  }

  /** True if names may have changed. A file that cannot be read leaves accounts without names. */
  public boolean refresh() {
    try {
      FileTime modified = Files.getLastModifiedTime(passwd);
      if (modified.equals(read) || Files.size(passwd) > FILE_LIMIT) {
        return false;
      }
      read = modified;
      String[] lines = Files.readString(passwd, StandardCharsets.ISO_8859_1).split("\n");
      LongTable fresh = new LongTable(lines.length);
      byte[][] found = new byte[lines.length][];
      for (int i = 0; i < lines.length; i++) {
        String[] parts = lines[i].split(":", 4);
        if (parts.length == 4 && parts[2].matches("\\d{1,10}")) {
          long key = Long.parseLong(parts[2]) + 1;
          if (fresh.get(key) == LongTable.ABSENT) {
            found[i] = parts[0].getBytes(StandardCharsets.UTF_8);
            fresh.put(key, i);
          }
        }
      }
      index = fresh;
      names = found;
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
