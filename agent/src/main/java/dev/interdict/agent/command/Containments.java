package dev.interdict.agent.command;

import dev.interdict.schema.Contain;
import dev.interdict.schema.Containment;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containments of this node: cut, frozen, verified against the kernel, and undone when their
 * time is over, by this node alone. They stay in force while the agent is down; at the start those
 * in the journal are taken up again. One thread at a time: the executor's lock.
 */
final class Containments {
  private static final Logger LOG = LoggerFactory.getLogger(Containments.class);
  private static final Duration FREEZE_LIMIT = Duration.ofSeconds(2);
  private static final int MAX_TTL_SECONDS = 7 * 24 * 3600;
  private static final int MAX_HELD = 1024;

  private final CgroupTree cgroups;
  private final ProtectedProcesses guarded;
  private final NetworkCut cuts;
  private final ForeignSockets sockets;
  private final CommandJournal journal;
  private final AuditLog audit;
  private final String containable;
  private final String boot;
  private final Set<String> resisting = new HashSet<>();

  /**
   * @param containable how the name of a cgroup must begin, or null for any
   */
  Containments(
      CgroupTree cgroups,
      NetworkCut cuts,
      CommandJournal journal,
      AuditLog audit,
      String containable)
      throws IOException {
    this.cgroups = cgroups;
    this.guarded = new ProtectedProcesses(cgroups);
    this.cuts = cuts;
    this.sockets = new ForeignSockets(cgroups);
    this.journal = journal;
    this.audit = audit;
    this.containable = containable;
    this.boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  /**
   * Checks a request against this node before anything of it is written or done.
   *
   * @return what is to be held, which may be held already
   */
  Held plan(Contain request, String alertId, long now) throws RefusedException, IOException {
    String id = request.getContainmentId();
    if (!id.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new RefusedException(
          "invalid containment_id=" + id + " expected 1 to 64 of A-Z a-z 0-9 _ -");
    }
    if (!request.getCut() && !request.getFreeze()) {
      throw new RefusedException("containment " + id + " asks for neither cut nor freeze");
    }
    int ttl = request.getTtlSeconds();
    if (ttl < 1 || ttl > MAX_TTL_SECONDS) {
      throw new RefusedException(
          "invalid ttl_seconds=" + Integer.toUnsignedString(ttl) + " limit=" + MAX_TTL_SECONDS);
    }
    Target target = request.getTarget();
    Path cgroup = cgroups.resolve(target.getCgroup());
    long actual = cgroups.id(cgroup);
    if (actual == 0) {
      throw new IOException("target is gone: cgroup=" + target.getCgroup() + " does not exist");
    }
    if (target.getCgroupId() != 0 && target.getCgroupId() != actual) {
      throw new IOException(
          "target is gone: cgroup=%s has id=%d now, the target's was %d"
              .formatted(target.getCgroup(), actual, target.getCgroupId()));
    }
    if (containable != null && !cgroup.getFileName().toString().startsWith(containable)) {
      throw new RefusedException(
          "target cgroup="
              + target.getCgroup()
              + " is none of those that this agent may contain: "
              + containable
              + "*");
    }
    ProcessStart.check(target);
    guarded.check(cgroup);

    Held known = journal.held(id);
    if (known != null && known.cgroupId() != actual) {
      throw new RefusedException(
          "containment_id=" + id + " is in use for cgroup=" + known.cgroup());
    }
    if (known == null && journal.held().size() >= MAX_HELD) {
      throw new RefusedException("too many containments in force: limit=" + MAX_HELD);
    }
    boolean cut = request.getCut() || (known != null && known.cut());
    boolean freeze = request.getFreeze() || (known != null && known.freeze());
    boolean heldFrozen = known != null && known.freeze();
    boolean thaw = heldFrozen ? known.thaw() : othersLetItRun(cgroup, actual);
    return new Held(
        id,
        alertId,
        boot,
        target.getCgroup(),
        actual,
        cut,
        freeze,
        thaw,
        known == null ? now : known.since(),
        now + ttl * 1_000_000_000L);
  }

  /**
   * Puts in force what the journal already holds. Cut first: a frozen process keeps its packets.
   */
  Containment enforce(Held held, long now) throws IOException {
    Path cgroup = path(held);
    if (held.cut()) {
      cuts.apply(held.id(), cgroup, held.cgroupId());
    }
    boolean frozen = !held.freeze() || cgroups.freeze(cgroup, true, FREEZE_LIMIT);
    if (held.cut()) {
      sockets.destroy(cgroup);
    }
    if (!frozen) {
      throw new IOException(
          "cgroup=" + held.cgroup() + " is not frozen after " + FREEZE_LIMIT.toMillis() + " ms");
    }
    return verify(held, now);
  }

  /** What the kernel says about a containment now. */
  Containment verify(Held held, long now) throws IOException {
    Path cgroup = path(held);
    boolean there = present(held);
    return Containment.newBuilder()
        .setId(held.id())
        .setCgroup(held.cgroup())
        .setCgroupId(held.cgroupId())
        .setFrozen(there && held.freeze() && cgroups.frozen(cgroup))
        .setCut(there && held.cut() && cuts.inForce(held.id(), held.cgroupId()))
        .setSince(held.since())
        .setUntil(held.until())
        .setVerified(now)
        .setAlertId(held.alertId())
        .build();
  }

  List<Containment> list(long now) throws IOException {
    List<Containment> result = new ArrayList<>();
    for (Held held : journal.held()) {
      result.add(verify(held, now));
    }
    return result;
  }

  void release(Held held, String why, long now) throws IOException {
    Path cgroup = path(held);
    cuts.remove(held.id());
    boolean there = present(held);
    if (there && held.freeze() && held.thaw() && !frozenByAnother(held)) {
      if (!cgroups.freeze(cgroup, false, FREEZE_LIMIT)) {
        throw new IOException("cgroup=" + held.cgroup() + " does not thaw: is an ancestor frozen?");
      }
    }
    journal.ended(held.id());
    resisting.remove(held.id());
    try {
      journal.write(now);
    } catch (IOException e) {
      // It is undone all the same; a later start would only find that out once more.
      LOG.error("the end of containment {} is not in the journal", held.id(), e);
    }
    audit(now, there ? "ended" : "target_gone", held, why);
  }

  /**
   * Undoes what is over and forgets what is gone. A containment that resists stays in the journal.
   */
  void expire(long now) {
    for (Held held : journal.held()) {
      try {
        if (held.until() <= now) {
          release(held, "its time is over", now);
        } else if (!present(held)) {
          release(held, "the cgroup is gone", now);
        }
      } catch (IOException e) {
        if (resisting.add(held.id())) {
          LOG.error("containment {} cannot be ended, is tried again and again", held.id(), e);
        }
      }
    }
  }

  /**
   * Cuts and freezes an empty cgroup made for it, and undoes it: what this node lacks is known now
   * and not at the first attack, and the code for it is loaded.
   */
  void rehearse() throws IOException {
    String id = "rehearsal-" + ProcessHandle.current().pid();
    Path cgroup = Files.createDirectory(cgroups.root().resolve("interdict-" + id));
    try {
      long cgroupId = cgroups.id(cgroup);
      guarded.check(cgroup);
      cuts.apply(id, cgroup, cgroupId);
      sockets.destroy(cgroup);
      if (!cgroups.freeze(cgroup, true, FREEZE_LIMIT) || !cuts.inForce(id, cgroupId)) {
        throw new IOException("the kernel does not confirm that an empty cgroup is cut and frozen");
      }
    } catch (RefusedException e) {
      throw new IOException("an empty cgroup is taken for a protected one: " + e.getMessage(), e);
    } finally {
      cuts.remove(id);
      Files.delete(cgroup);
    }
  }

  /** After a start: what is in force is verified and mended, what is over is undone. */
  void adopt(long now) throws IOException {
    expire(now);
    for (Held held : journal.held()) {
      try {
        enforce(held, now);
        audit(now, "adopted", held, "the agent started");
      } catch (IOException e) {
        LOG.error("containment {} cannot be put in force again", held.id(), e);
        audit(now, "adoption_failed", held, e.getMessage());
      }
    }
    for (String id : cuts.pinned()) {
      if (journal.held(id) == null) {
        cuts.remove(id);
        audit.write(instant(now), "stray_cut_removed", Map.of("containment", id));
      }
    }
  }

  /**
   * The process that the target names, where it is no longer in the cgroup; null where it is, or
   * has ended.
   */
  String strayed(Target target) throws IOException {
    long started = target.getPid() == 0 ? -1 : ProcessStart.ticks(target.getPid());
    if (started < 0 || !ProcessStart.same(started, target.getStartTime())) {
      return null;
    }
    String now = cgroups.of(target.getPid());
    String cgroup = target.getCgroup();
    return now == null || now.equals(cgroup) || now.startsWith(cgroup + "/")
        ? null
        : "pid=%d left cgroup=%s for cgroup=%s: the cgroup is contained, the process is not"
            .formatted(target.getPid(), cgroup, now);
  }

  private Path path(Held held) {
    return cgroups.root().resolve(held.cgroup().substring(1));
  }

  private boolean present(Held held) throws IOException {
    return held.boot().equals(boot) && cgroups.id(path(held)) == held.cgroupId();
  }

  /** What is in force stays so; nothing else of this node is left in the kernel. */
  void close(long now) throws IOException {
    expire(now);
    cuts.close();
  }

  private boolean othersLetItRun(Path cgroup, long cgroupId) throws IOException {
    for (Held other : journal.held()) {
      if (other.cgroupId() == cgroupId && other.freeze()) {
        return other.thaw();
      }
    }
    return !cgroups.freezing(cgroup);
  }

  private boolean frozenByAnother(Held held) {
    for (Held other : journal.held()) {
      if (other.cgroupId() == held.cgroupId() && other.freeze() && !other.id().equals(held.id())) {
        return true;
      }
    }
    return false;
  }

  private void audit(long now, String event, Held held, String why) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("containment", held.id());
    fields.put("cgroup", held.cgroup());
    fields.put("alert", held.alertId());
    fields.put("cut", held.cut());
    fields.put("freeze", held.freeze());
    fields.put("message", why);
    audit.write(instant(now), event, fields);
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
