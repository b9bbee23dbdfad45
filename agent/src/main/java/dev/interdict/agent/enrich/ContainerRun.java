package dev.interdict.agent.enrich;

/** A container from its first process to the end of that. */
public final class ContainerRun {
  private final ContainerIdentity identity;
  private final int mountNamespace;
  private long first;
  private long since;
  private boolean ended;

  ContainerRun(ContainerIdentity identity, int mountNamespace, Process first) {
    this.identity = identity;
    this.mountNamespace = mountNamespace;
    this.first = first.id();
    this.since = first.start();
  }

  public ContainerIdentity identity() {
    return identity;
  }

  int mountNamespace() {
    return mountNamespace;
  }

  /** When its first process began, in nanoseconds since boot. */
  public long since() {
    return since;
  }

  boolean isFirst(Process process) {
    return process.id() == first;
  }

  boolean hasEnded() {
    return ended;
  }

  void end() {
    ended = true;
  }

  /** Of processes that were there before the sensor the oldest is the first. */
  void consider(Process process) {
    if (process.start() < since) {
      first = process.id();
      since = process.start();
    }
  }
}
