package dev.interdict.agent.kernel;

import dev.interdict.agent.event.ProtoBuffer;
import dev.interdict.schema.EventDetail;
import dev.interdict.schema.Kind;
import java.nio.ByteBuffer;

/** {@code struct file_record} as the message FileOperation, of all kinds but OPEN. */
final class FileEvents {
  private static final int TYPE = 0170000;
  private static final int SYMBOLIC = 0120000;
  private static final int DIRECTORY = 0040000;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int SET_USER = 04000;
  private static final int SET_GROUP = 02000;
  private static final int EXECUTABLE = 0111;
  private static final int GROUP_EXECUTABLE = 0010;

  private FileEvents() {}

  static void write(ProtoBuffer out, int kind, ByteBuffer data, int at) {
    int message = out.begin(EventDetail.numberOf(kind));
    int mode = data.getInt(at + Record.FileRecord.MODE);
    boolean symbolic = kind == Kind.LINK_VALUE && mode == SYMBOLIC;
    boolean named = Spans.start(data, at, Record.FileRecord.GIVEN) != at;
    int path = out.length();
    if (named) {
      NamedPath.write(out, 1, data, at, Record.FileRecord.PATH, Record.FileRecord.GIVEN);
    } else {
      Spans.path(out, 1, data, at, Record.FileRecord.PATH);
    }
    int pathEnd = out.length();
    Spans.text(out, 2, data, at, Record.FileRecord.GIVEN);
    int flags = data.getInt(at + Record.FileRecord.OPEN_FLAGS);
    if (flags != 0) {
      out.number(3, flags & 0xffff_ffffL);
    }
    long inode = data.getLong(at + Record.FileRecord.INODE);
    if (inode != 0) {
      out.number(6, inode);
      out.number(7, data.getInt(at + Record.FileRecord.DEVICE) & 0xffff_ffffL);
    }
    if (symbolic) {
      pointedAt(out, path, pathEnd, data, at);
    } else {
      NamedPath.write(out, 9, data, at, Record.FileRecord.TARGET, Record.FileRecord.TARGET_GIVEN);
    }
    Spans.text(out, 10, data, at, Record.FileRecord.TARGET_GIVEN);
    switch (kind) {
      case Kind.LINK_VALUE -> out.flagAlways(14, symbolic);
      case Kind.CHMOD_VALUE -> {
        out.numberAlways(11, mode & 0xffff_ffffL);
        out.flagAlways(16, isSetuid(mode));
      }
      case Kind.CHOWN_VALUE -> {
        out.numberAlways(12, data.getInt(at + Record.FileRecord.OWNER) & 0xffff_ffffL);
        out.numberAlways(13, data.getInt(at + Record.FileRecord.GROUP) & 0xffff_ffffL);
      }
      case Kind.TRUNCATE_VALUE -> out.numberAlways(15, data.getLong(at + Record.FileRecord.LENGTH));
      case Kind.MKNOD_VALUE -> {
        out.numberAlways(11, mode & 0xffff_ffffL);
        out.flagAlways(16, isSetuid(mode));
        type(out, mode);
        if ((mode & TYPE) == CHARACTER || (mode & TYPE) == BLOCK) {
          out.numberAlways(18, data.getInt(at + Record.FileRecord.SPECIAL_DEVICE) & 0xffff_ffffL);
        }
      }
      case Kind.UNLINK_VALUE -> {
        if (mode == DIRECTORY) {
          type(out, mode);
        }
      }
      default -> {}
    }
    out.end(message);
  }

  /** Of a folder the bits mean something else; but what a name means is not known here. */
  private static boolean isSetuid(int mode) {
    boolean user = (mode & SET_USER) != 0 && (mode & EXECUTABLE) != 0;
    boolean group = (mode & SET_GROUP) != 0 && (mode & GROUP_EXECUTABLE) != 0;
    return (user || group) && (mode & TYPE) != DIRECTORY;
  }

  /** The text of a symbolic link counts from the folder of the link, whose path is written. */
  private static void pointedAt(ProtoBuffer out, int path, int pathEnd, ByteBuffer data, int at) {
    int from = Spans.start(data, at, Record.FileRecord.TARGET_GIVEN);
    int length = Spans.length(data, at, Record.FileRecord.TARGET_GIVEN);
    boolean absolute = length > 0 && data.get(from) == '/';
    if (length == 0 || !absolute && path == pathEnd) {
      return;
    }
    int message = out.begin(9);
    if (!absolute) {
      int text = path + 1;
      while (out.array()[text] < 0) {
        text++;
      }
      text++;
      out.raw(out.array(), text, pathEnd - text);
      out.cut(NamedPath.parent(out, message));
    }
    NamedPath.walk(out, message, data, from, length);
    out.end(message);
  }

  private static void type(ProtoBuffer out, int mode) {
    String name =
        switch (mode & TYPE) {
          case 0100000 -> "regular";
          case DIRECTORY -> "directory";
          case CHARACTER -> "character";
          case BLOCK -> "block";
          case 0010000 -> "fifo";
          case 0140000 -> "socket";
          default -> null;
        };
    if (name != null) {
      out.ascii(17, name);
    }
  }
}
