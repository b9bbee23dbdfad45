package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.JustWritten;
import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.event.ProtoBuffer;
import java.nio.ByteBuffer;

/**
 * Who has written what is now executed. An image is known again by its inode, through every rename
 * and link. Of a script the kernel tells only by what name it was started, so it is known again by
 * its path, as the container (or the host) has it that the process belongs to.
 */
final class Writers {
  private final JustWritten written;
  private final ProtoBuffer path = new ProtoBuffer(4 << 10, 64 << 10);

  Writers(JustWritten written) {
    this.written = written;
  }

  /** A record of kind OPEN. */
  void written(Process process, ByteBuffer data, int at) {
    long time = data.getLong(at + Record.TIME);
    int device = data.getInt(at + Record.FileRecord.DEVICE);
    long inode = data.getLong(at + Record.FileRecord.INODE);
    path.clear();
    if (device != 0) {
      written.written(JustWritten.key(device, inode), process.id(), time);
      path.appendPath(
          data,
          Spans.start(data, at, Record.FileRecord.PATH),
          Spans.length(data, at, Record.FileRecord.PATH));
    } else { // opened through a ring, and only by name
      NamedPath.append(path, data, at, Record.FileRecord.PATH, Record.FileRecord.GIVEN);
    }
    written.written(key(process), process.id(), time);
  }

  /** A record of kind RENAME: a script is often written aside and then put in its place. */
  void renamed(Process process, ByteBuffer data, int at) {
    if (data.getInt(at + Record.RESULT) < 0) {
      return;
    }
    path.clear();
    NamedPath.append(path, data, at, Record.FileRecord.PATH, Record.FileRecord.GIVEN);
    long time = data.getLong(at + Record.TIME);
    long writer = written.writer(key(process), time);
    if (writer != 0) {
      path.clear();
      NamedPath.append(path, data, at, Record.FileRecord.TARGET, Record.FileRecord.TARGET_GIVEN);
      written.written(key(process), writer, time);
    }
  }

  /** Of a record of kind EXEC; 0 if it was not written lately. */
  long ofImage(ByteBuffer data, int at) {
    int device = data.getInt(at + Record.Exec.DEVICE);
    long inode = data.getLong(at + Record.Exec.INODE);
    return written.writer(JustWritten.key(device, inode), data.getLong(at + Record.TIME));
  }

  long ofScript(Process process, ByteBuffer data, int at) {
    path.clear();
    if (NamedPath.isAbsolute(data, at, Record.Exec.INVOKED)) {
      NamedPath.walk(
          path,
          0,
          data,
          Spans.start(data, at, Record.Exec.INVOKED),
          Spans.length(data, at, Record.Exec.INVOKED));
    } else {
      NamedPath.append(path, data, at, Record.Exec.CWD, Record.Exec.INVOKED);
    }
    return written.writer(key(process), data.getLong(at + Record.TIME));
  }

  private long key(Process process) {
    long hash = process.cgroup() == null ? 0 : process.cgroup().containerHash();
    byte[] bytes = path.array();
    for (int i = 0; i < path.length(); i++) {
      hash = (hash ^ bytes[i]) * 0x100000001b3L;
    }
    return JustWritten.key(0, hash); // no file system has this device
  }
}
