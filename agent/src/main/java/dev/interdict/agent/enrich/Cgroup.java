package dev.interdict.agent.enrich;

import dev.interdict.agent.event.ProtoBuffer;
import java.nio.charset.StandardCharsets;

/** A cgroup, its place in the v2 hierarchy, and the container that it is, encoded once. */
public final class Cgroup {
  private final long id;
  private final String path;
  private final ContainerIdentity container;
  private final boolean borrowed;
  final byte[] encoded;

  /**
   * @param path null where it is not known
   * @param container null on the host
   */
  Cgroup(long id, String path, ContainerIdentity container) {
    this(id, path, container, false);
  }

  private Cgroup(long id, String path, ContainerIdentity container, boolean borrowed) {
    this.borrowed = borrowed;
    this.id = id;
    this.path = path;
    this.container = container;
    ProtoBuffer out = new ProtoBuffer(256, 1 << 16);
    out.number(15, id);
    if (path != null) {
      text(out, 16, path);
    }
    if (container != null) {
      int message = out.begin(17);
      text(out, 1, container.id());
      text(out, 2, container.name());
      text(out, 3, container.image());
      text(out, 4, container.pod());
      text(out, 5, container.namespace());
      text(out, 6, container.runtime());
      out.end(message);
    }
    this.encoded = java.util.Arrays.copyOf(out.array(), out.length());
  }

  private static void text(ProtoBuffer out, int field, String value) {
    if (value != null && !value.isEmpty()) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      out.text(field, bytes, 0, bytes.length);
    }
  }

  /** For a process of the container that stands in this cgroup, which is none of its. */
  Cgroup borrowedBy(ContainerIdentity other) {
    return new Cgroup(id, path, other, true);
  }

  boolean isBorrowed() {
    return borrowed;
  }

  public long id() {
    return id;
  }

  public String path() {
    return path;
  }

  public ContainerIdentity container() {
    return container;
  }

  /** Tells containers, and the host, apart. */
  public int containerHash() {
    return container == null ? 0 : container.id().hashCode();
  }
}
