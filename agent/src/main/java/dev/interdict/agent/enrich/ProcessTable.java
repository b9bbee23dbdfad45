package dev.interdict.agent.enrich;

import dev.interdict.agent.event.ProtoBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of this node, also those that have just gone. One thread. Bounded: the longest gone
 * are forgotten first, those with living descendants after the others; a host with more living
 * processes than the limit loses the ancestry of the oldest entries, never an event.
 */
public final class ProcessTable {
  /** What comes late of a process, by another lane or as a sum, comes within a second or two. */
  private static final int GONE_KEPT = 4096;

  private static final int BUFFERS_KEPT = 256;

  private final long boot;
  private final int limit;
  private final Users users;
  private final LongTable index;
  private final List<Process> slots = new ArrayList<>();
  private final ArrayDeque<Process> free = new ArrayDeque<>();
  private final ArrayDeque<Process> gone = new ArrayDeque<>();
  private final ArrayDeque<Image> freeImages = new ArrayDeque<>();
  private final ArrayDeque<byte[]> freeBuffers = new ArrayDeque<>();
  private int clock;

  /**
   * @param boot of the boot's random id, so that no process has the id of one before a restart
   * @param limit processes remembered at most
   */
  public ProcessTable(long boot, int limit, Users users) {
    this.boot = boot;
    this.limit = limit;
    this.users = users;
    this.index = new LongTable(1024);
  }

  /** Of boot id, pid and start time; never 0. */
  public long id(int pid, long start) {
    long id = mix(boot ^ mix(start ^ mix(pid)));
    return id == 0 ? 1 : id;
  }

  // The finalizer of SplitMix64: a bijection in which every input bit reaches every output bit.
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  public Users users() {
    return users;
  }

  public int size() {
    return index.size();
  }

  /** Null where it is not known. */
  public Process find(long id) {
    int slot = index.get(id);
    return slot == LongTable.ABSENT ? null : slots.get(slot);
  }

  /** A process that is not in the table yet. */
  public Process add(
      int pid, long start, Process parent, Cgroup cgroup, int uid, int gid, int euid) {
    Process process = takeSlot(parent);
    process.id = id(pid, start);
    process.pid = pid;
    process.start = start;
    process.uid = uid;
    process.gid = gid;
    process.euid = euid;
    process.suid = euid; // until a call changes them; an image with set-group-id is not told
    process.egid = gid;
    process.effectiveKnown = false;
    process.cgroup = cgroup;
    process.exited = false;
    process.children = 0;
    if (!process.hasBuffer() && !freeBuffers.isEmpty()) {
      process.giveBuffer(freeBuffers.poll());
    }
    process.run = parent == null ? null : parent.run;
    link(process, parent);
    index.put(process.id, process.slot);
    return process;
  }

  /** Begins where its parent is: the image is shared until it executes another. */
  public Process fork(Process parent, int pid, long start, Cgroup cgroup) {
    boolean together = cgroup != null && parent.cgroup != null && cgroup.id() == parent.cgroup.id();
    Cgroup place = together ? parent.cgroup : cgroup;
    Process child = add(pid, start, parent, place, parent.uid, parent.gid, parent.euid);
    child.suid = parent.suid;
    child.egid = parent.egid;
    child.effective = parent.effective;
    child.effectiveKnown = parent.effectiveKnown;
    share(child, parent.image);
    return child;
  }

  /** Its parent became known only now. */
  public void link(Process process, Process parent) {
    process.parent = parent;
    process.parentId = parent == null ? 0 : parent.id;
    if (parent != null) {
      parent.children++;
    }
    process.changed();
  }

  private void share(Process process, Image image) {
    release(process.image);
    process.image = image;
    if (image != null) {
      image.users++;
    }
    process.changed();
  }

  /**
   * Runs another image from now on.
   *
   * @param fields of {@code Process}, encoded: what depends on the image
   * @param ancestor the same of {@code Ancestor}
   */
  public void execute(Process process, ProtoBuffer fields, ProtoBuffer ancestor) {
    Image image = freeImages.poll();
    if (image == null) {
      image = new Image();
    }
    image.setFields(fields.array(), fields.length());
    image.setAncestor(ancestor.array(), ancestor.length());
    share(process, image);
    process.suid = process.euid;
    process.effectiveKnown = false;
  }

  /** What no header tells. */
  public void saved(Process process, int suid, int egid) {
    process.suid = suid;
    process.egid = egid;
  }

  public void effective(Process process, long capabilities) {
    process.effective = capabilities;
    process.effectiveKnown = true;
  }

  public void credentials(Process process, int uid, int gid, int euid) {
    if (process.uid != uid || process.gid != gid || process.euid != euid) {
      process.uid = uid;
      process.gid = gid;
      process.euid = euid;
      process.changed();
    }
  }

  public void move(Process process, Cgroup cgroup) {
    if (process.cgroup != cgroup) {
      process.cgroup = cgroup;
      process.changed();
    }
  }

  private void release(Image image) {
    if (image != null && --image.users == 0 && image.isSmall() && freeImages.size() < limit / 4) {
      freeImages.push(image);
    }
  }

  /** Its last event has been written. */
  public void exited(Process process) {
    if (!process.exited) {
      process.exited = true;
      byte[] buffer = process.takeBuffer();
      if (buffer != null && freeBuffers.size() < BUFFERS_KEPT) {
        freeBuffers.push(buffer);
      }
      gone.addLast(process);
      if (gone.size() > GONE_KEPT) {
        Process oldest = childless(null);
        if (oldest != null) {
          forget(oldest);
        }
      }
    }
  }

  private Process takeSlot(Process keep) {
    Process process = free.poll();
    if (process != null) {
      return process;
    }
    if (slots.size() < limit) {
      process = new Process(slots.size());
      slots.add(process);
      return process;
    }
    forget(victim(keep));
    return free.poll();
  }

  /** One of those that are gone longest; null if a look at some finds none. */
  private Process childless(Process keep) {
    for (int looks = Math.min(gone.size(), 64); looks > 0; looks--) {
      Process oldest = gone.pollFirst();
      if (oldest != keep && oldest.children == 0) {
        return oldest;
      }
      gone.addLast(oldest);
    }
    return null;
  }

  private Process victim(Process keep) {
    Process found = childless(keep);
    if (found != null) {
      return found;
    }
    if (!gone.isEmpty() && gone.peekFirst() != keep) {
      return gone.pollFirst();
    }
    do {
      clock = (clock + 1) % slots.size();
    } while (slots.get(clock) == keep);
    gone.remove(slots.get(clock));
    return slots.get(clock);
  }

  private void forget(Process process) {
    index.remove(process.id);
    Process parent = process.parent();
    if (parent != null) {
      parent.children--;
    }
    release(process.image);
    process.forget();
    free.push(process);
  }
}
