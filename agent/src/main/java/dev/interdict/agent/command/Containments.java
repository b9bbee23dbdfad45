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
  private final Targets targets;
  private final Ward ward;
  private final String boot;
  private final Set<String> resisting = new HashSet<>();

  Containments(
      CgroupTree cgroups,
      ProtectedProcesses guarded,
      Targets targets,
      NetworkCut cuts,
      CommandJournal journal,
      AuditLog audit)
      throws IOException {
    this.cgroups = cgroups;
    this.guarded = guarded;
    this.targets = targets;
    this.ward = new Ward(cgroups, guarded);
    this.cuts = cuts;
    this.sockets = ForeignSockets.open(cgroups);
    this.journal = journal;
    this.audit = audit;
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
    Held known = journal.held(id);
    if (known == null && journal.held().size() >= MAX_HELD) {
      throw new RefusedException("too many containments in force: limit=" + MAX_HELD);
    }
    Held found = find(request, alertId, known);
    if (known != null && known.cgroupId() != found.cgroupId()) {
      throw new RefusedException(
          "containment_id=" + id + " is in use for cgroup=" + known.cgroup());
    }
    return new Held(
        id,
        alertId,
        boot,
        found.cgroup(),
        found.cgroupId(),
        request.getCut() || (known != null && known.cut()),
        request.getFreeze() || (known != null && known.freeze()),
        known != null && known.freeze() ? known.thaw() : found.thaw(),
        known == null ? now : known.since(),
        now + ttl * 1_000_000_000L,
        found.quarantine());
  }

  /** The cgroup to be contained, or the quarantine to be made; the rest of it is not filled in. */
  private Held find(Contain request, String alertId, Held known)
      throws RefusedException, IOException {
    Target target = request.getTarget();
    if (known != null && known.quarantine() != null) {
      ProcessStart.check(target);
      return known.quarantine().pid() == target.getPid() ? known : known.withCgroupId(-1);
    }
    boolean root = target.getCgroup().equals("/");
    boolean ofProcess = target.getPid() != 0 && target.getStartTime() != 0;
    if (request.getProcessOnly() && !ofProcess) {
      throw new RefusedException("process_only needs a target with pid and start_time");
    }
    if (!request.getProcessOnly() && !(root && ofProcess)) {
      Path cgroup = targets.cgroup(target);
      String keeper = guarded.heldBy(cgroup);
      if (keeper == null) {
        return whole(cgroup, alertId);
      }
      if (!ofProcess) {
        throw guarded.refusal(cgroup, keeper);
      }
    }
    ProcessStat process = targets.process(target);
    String origin = cgroups.of(process.pid());
    if (origin == null) {
      throw new IOException("target pid=" + target.getPid() + " has ended");
    }
    if (!ward.isShared(origin, process, request.getProcessOnly())) {
      return whole(cgroups.path(origin), alertId);
    }
    ward.check(process);
    String name = Ward.name(origin, request.getContainmentId());
    return held(
        name,
        cgroups.id(cgroups.path(name)),
        true,
        new Quarantine(origin, process.pid(), process.ticks(), List.of()),
        alertId);
  }

  private Held whole(Path cgroup, String alertId) throws IOException {
    long id = cgroups.id(cgroup);
    return held(cgroups.name(cgroup), id, othersLetItRun(cgroup, id), null, alertId);
  }

  private Held held(
      String cgroup, long cgroupId, boolean thaw, Quarantine quarantine, String alertId) {
    return new Held("", alertId, boot, cgroup, cgroupId, false, false, thaw, 0, 0, quarantine);
  }

  /**
   * Puts in force what the journal already holds. Cut first: a frozen process keeps its packets.
   */
  Containment enforce(Held planned, long now) throws IOException {
    Held held =
        planned.quarantine() == null
            ? planned
            : ward.admit(
                planned,
                changed -> {
                  journal.hold(changed);
                  write(now);
                });
    Path cgroup = path(held);
    if (held.cut()) {
      cuts.apply(held.id(), cgroup, held.cgroupId());
    }
    boolean frozen = !held.freeze() || cgroups.freeze(cgroup, true, FREEZE_LIMIT);
    if (held.cut()) {
      sockets.destroy(cgroup);
    }
    if (held.quarantine() != null && !held.freeze()) {
      frozen = cgroups.freeze(cgroup, false, FREEZE_LIMIT);
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
    String origin = held.quarantine() == null ? "" : held.quarantine().origin();
    return Containment.newBuilder()
        .setOrigin(origin)
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
    if (held.quarantine() != null) {
      if (held.boot().equals(boot)) {
        ward.discharge(held);
      }
    } else if (there && held.freeze() && held.thaw() && !frozenByAnother(held)) {
      if (!cgroups.freeze(cgroup, false, FREEZE_LIMIT)) {
        throw new IOException("cgroup=" + held.cgroup() + " does not thaw: is an ancestor frozen?");
      }
    }
    journal.ended(held.id());
    resisting.remove(held.id());
    write(now);
    audit(now, there ? "ended" : "target_gone", held, why);
  }

  /** What cannot be written is done all the same, and told by the answer to the command. */
  private void write(long now) {
    try {
      journal.write(now);
    } catch (IOException e) {
      LOG.error("a change of containments is not in the journal", e);
    }
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
        } else if (held.quarantine() != null && !cgroups.populated(path(held))) {
          release(held, "its processes have ended", now);
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
    Path cgroup = cgroups.make(cgroups.root().resolve("interdict-" + id));
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
      cgroups.remove(cgroup);
    }
  }

  /** After a start: what is in force is verified and mended, what is over is undone. */
  void adopt(long now) throws IOException {
    for (Held held : journal.held()) {
      if (held.cgroupId() == 0 && held.boot().equals(boot)) {
        journal.hold(held.withCgroupId(cgroups.id(path(held))));
      }
    }
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
  String strayed(Target target, Held held) throws IOException {
    long started = target.getPid() == 0 ? -1 : ProcessStart.ticks(target.getPid());
    if (started < 0 || !ProcessStart.same(started, target.getStartTime())) {
      return null;
    }
    String now = cgroups.of(target.getPid());
    String cgroup = held.cgroup();
    return now == null || now.equals(cgroup) || now.startsWith(cgroup + "/")
        ? null
        : "pid=%d left cgroup=%s for cgroup=%s: the cgroup is contained, the process is not"
            .formatted(target.getPid(), cgroup, now);
  }

  private Path path(Held held) {
    return cgroups.path(held.cgroup());
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
