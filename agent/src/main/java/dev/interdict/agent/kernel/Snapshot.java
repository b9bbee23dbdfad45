package dev.interdict.agent.kernel;

import dev.interdict.agent.enrich.Cgroups;
import dev.interdict.agent.enrich.ContainerRuns;
import dev.interdict.agent.enrich.Process;
import dev.interdict.agent.enrich.ProcessTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Enters every running process into the table, with its parent. */
final class Snapshot {
  private final long handle;
  private final ProcessTable processes;
  private final Cgroups cgroups;
  private final Images images;
  private final ContainerRuns runs;
  private final Map<Process, Long> parents = new HashMap<>();

  Snapshot(
      long handle, ProcessTable processes, Cgroups cgroups, Images images, ContainerRuns runs) {
    this.handle = handle;
    this.processes = processes;
    this.cgroups = cgroups;
    this.images = images;
    this.runs = runs;
  }

  /** Where the kernel offers no iterator, processes are entered as they are met. */
  void load() throws IOException {
    int file = Natives.openSnapshot(handle);
    if (file < 0) {
      return;
    }
    try {
      ByteBuffer buffer =
          ByteBuffer.allocateDirect(8 * Record.LIMIT).order(ByteOrder.nativeOrder());
      int end = 0;
      int read;
      while ((read = Natives.read(file, buffer, end, buffer.capacity() - end)) > 0) {
        end = take(buffer, end + read);
      }
      if (read < 0 || end != 0) {
        throw new IOException("snapshot of processes broke off: errno=" + -read + " left=" + end);
      }
    } finally {
      Natives.closeFile(file);
    }
    parents.forEach(
        (process, parent) -> {
          Process found = processes.find(parent);
          if (found != null && found != process) {
            processes.link(process, found);
          }
        });
    parents.clear();
  }

  /** Takes the whole records and moves the rest to the front; returns its length. */
  private int take(ByteBuffer buffer, int end) throws IOException {
    int at = 0;
    while (end - at >= Record.HEADER) {
      int size = buffer.getInt(at + Record.SIZE);
      if (size < Record.Exec.SIZE || size > Record.LIMIT) {
        throw new IOException("invalid snapshot record size=" + size + " limit=" + Record.LIMIT);
      }
      if (end - at < size) {
        break;
      }
      enter(buffer, at);
      at += size;
    }
    buffer.limit(end).position(at);
    buffer.compact();
    buffer.clear();
    return end - at;
  }

  private void enter(ByteBuffer buffer, int at) {
    int pid = buffer.getInt(at + Record.PID);
    long start = buffer.getLong(at + Record.START);
    if (processes.find(processes.id(pid, start)) != null) {
      return;
    }
    Process process =
        processes.add(
            pid,
            start,
            null,
            null,
            buffer.getInt(at + Record.UID),
            buffer.getInt(at + Record.GID),
            buffer.getInt(at + Record.EUID));
    images.adopt(process, buffer, at);
    processes.move(process, cgroups.get(buffer.getLong(at + Record.CGROUP)));
    runs.found(process, buffer.getInt(at + Record.Exec.MOUNT_NAMESPACE));
    parents.put(
        process,
        processes.id(
            buffer.getInt(at + Record.PARENT_PID), buffer.getLong(at + Record.PARENT_START)));
  }
}
