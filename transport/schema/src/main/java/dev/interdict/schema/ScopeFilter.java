package dev.interdict.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Tells whether an event lies within a {@link Scope}. One thread; allocates nothing per event. */
public final class ScopeFilter {
  private static final int MAX_ENTRIES = 256;
  private static final int MAX_GLOB_LENGTH = 512;
  private static final Glob[] ANY = {};

  private final EventView view = new EventView();
  private final Glob[] containers;
  private final Glob[] images;
  private final Glob[] pods;
  private final Glob[] namespaces;
  private final Glob[] exes;
  private final long[] processes;

  /** Throws IllegalArgumentException where the scope has more or longer entries than allowed. */
  public ScopeFilter(Scope scope) {
    containers = globs("containers", scope.getContainersList());
    images = globs("images", scope.getImagesList());
    pods = globs("pods", scope.getPodsList());
    namespaces = globs("namespaces", scope.getNamespacesList());
    exes = globs("exes", scope.getExesList());
    limit("scope.processes", scope.getProcessesCount(), MAX_ENTRIES);
    processes = scope.getProcessesList().stream().mapToLong(Long::longValue).sorted().toArray();
  }

  private static Glob[] globs(String name, List<String> texts) {
    if (texts.isEmpty()) {
      return ANY;
    }
    limit("scope." + name, texts.size(), MAX_ENTRIES);
    for (String text : texts) {
      limit("glob in scope." + name, text.length(), MAX_GLOB_LENGTH);
    }
    return texts.stream().map(Glob::new).toArray(Glob[]::new);
  }

  private static void limit(String what, int length, int limit) {
    if (length > limit) {
      throw new IllegalArgumentException(
          "invalid length of " + what + "=" + length + " limit=" + limit);
    }
  }

  /** Whether its containers tell all that lies outside, so that the kernel can filter by cgroup. */
  public boolean isOfContainers() {
    return containers.length + images.length + pods.length + namespaces.length > 0;
  }

  /** Whether events of this container may be within. What is not known of it is null. */
  public boolean mayMatch(String id, String name, String image, String pod, String namespace) {
    return matches(namespaces, namespace)
        && matches(pods, pod)
        && matches(images, image)
        && (containers.length == 0 || matches(containers, id) || matches(containers, name));
  }

  private static boolean matches(Glob[] globs, String text) {
    if (globs.length == 0) {
      return true;
    }
    if (text == null) {
      return false;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (Glob glob : globs) {
      if (glob.matches(bytes, 0, bytes.length)) {
        return true;
      }
    }
    return false;
  }

  /** What cannot be read is kept: whoever asked shall see it. */
  public boolean matches(byte[] array, int offset, int length) {
    int kind = EventView.kindOf(array, offset);
    if (kind == Kind.GAP_VALUE || kind == Kind.TICK_VALUE) {
      return true;
    }
    try {
      view.wrap(array, offset, length);
      return matchesProcess()
          && matches(exes, Field.PROCESS_EXE)
          && matches(namespaces, Field.CONTAINER_NAMESPACE)
          && matches(pods, Field.CONTAINER_POD)
          && matches(images, Field.CONTAINER_IMAGE)
          && (containers.length == 0
              || matches(containers, Field.CONTAINER_ID)
              || matches(containers, Field.CONTAINER_NAME));
    } catch (MalformedEventException e) {
      return true;
    }
  }

  private boolean matches(Glob[] globs, Field field) {
    if (globs.length == 0) {
      return true;
    }
    int length = view.length(field);
    if (length < 0) {
      return false;
    }
    byte[] text = view.array(field);
    int start = view.start(field);
    for (Glob glob : globs) {
      if (glob.matches(text, start, length)) {
        return true;
      }
    }
    return false;
  }

  private boolean matchesProcess() {
    if (processes.length == 0 || isWanted(view.number(Field.PROCESS_ID))) {
      return true;
    }
    int ancestors = view.count(Field.ANCESTOR_IDS);
    for (int i = 0; i < ancestors; i++) {
      if (isWanted(view.number(Field.ANCESTOR_IDS, i))) {
        return true;
      }
    }
    return false;
  }

  private boolean isWanted(long process) {
    return Arrays.binarySearch(processes, process) >= 0;
  }
}
