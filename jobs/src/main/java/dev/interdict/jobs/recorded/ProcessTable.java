package dev.interdict.jobs.recorded;

import dev.interdict.schema.Ancestor;
import dev.interdict.schema.Process;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The processes that a recording has told of, by host and id, so that an event can carry its
 * ancestors although its record names the parent at most. Bounded: the least used are forgotten.
 */
final class ProcessTable {
  private static final int MAX_PROCESSES = 65_536;
  private static final int MAX_ANCESTORS = 16;

  private record Key(String host, long id) {}

  private record Known(Ancestor self, long parent) {}

  private final Map<Key, Known> known =
      new LinkedHashMap<>(1024, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
          return size() > MAX_PROCESSES;
        }
      };

  /**
   * Ancestors of a process whose parent, if it has one, was set by the record; what the record left
   * out about the parent is filled in.
   */
  void complete(String host, Process.Builder process) {
    if (process.getAncestorsCount() == 0) {
      Known self = known.get(new Key(host, process.getId()));
      if (self == null || self.parent == 0) {
        return;
      }
      process.addAncestors(Ancestor.newBuilder().setId(self.parent));
    }
    Ancestor.Builder parent = process.getAncestorsBuilder(0);
    Known above = known.get(new Key(host, parent.getId()));
    if (above == null) {
      return;
    }
    if (parent.getExe().isEmpty()) {
      parent.setExe(above.self.getExe());
    }
    if (parent.getCommandLine().isEmpty()) {
      parent.setCommandLine(above.self.getCommandLine());
    }
    if (parent.getPid() == 0) {
      parent.setPid(above.self.getPid());
    }
    parent.setUid(above.self.getUid());
    for (long next = above.parent; next != 0 && process.getAncestorsCount() < MAX_ANCESTORS; ) {
      Known ancestor = known.get(new Key(host, next));
      if (ancestor == null || next == process.getId()) {
        return;
      }
      process.addAncestors(ancestor.self);
      next = ancestor.parent == next ? 0 : ancestor.parent;
    }
  }

  /** It executes this from now on. */
  void put(String host, Process.Builder process) {
    if (process.getId() == 0) {
      return;
    }
    Ancestor self =
        Ancestor.newBuilder()
            .setId(process.getId())
            .setPid(process.getPid())
            .setExe(process.getExe())
            .setCommandLine(String.join(" ", process.getArgsList()))
            .setUid(process.getUid())
            .build();
    long parent = process.getAncestorsCount() == 0 ? 0 : process.getAncestors(0).getId();
    known.put(new Key(host, process.getId()), new Known(self, parent));
  }
}
