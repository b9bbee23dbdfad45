package dev.interdict.agent.command;

import dev.interdict.agent.kernel.Capabilities;
import dev.interdict.bus.client.CommandHandler;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Containment;
import dev.interdict.schema.SaveWindow;
import dev.interdict.schema.SavedWindow;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out signed commands on this node, each at most once, and keeps the containments. Believes
 * nobody but the signer: not the backplane, not the clock of the sender beyond {@link
 * Admission#CLOCK_SKEW}. Any thread; one command at a time.
 */
public final class CommandExecutor implements CommandHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandExecutor.class);

  private static final int REHEARSALS = 40; // the first signatures of a JVM take ten times as long
  private static final long EXPIRY_PERIOD_MILLIS = 200;

  private final Admission admission;
  private final Identity identity;
  private final InstantSource clock;
  private final CommandJournal journal;
  private final AuditLog audit;
  private final Containments containments;
  private final Kills kills;
  private final Evidence evidence;
  private final ScheduledExecutorService timer;
  private ScheduledFuture<?> expiry;
  private String obstacle;

  private CommandExecutor(
      Admission admission,
      Identity identity,
      InstantSource clock,
      CommandJournal journal,
      AuditLog audit,
      Containments containments,
      Kills kills,
      Evidence evidence) {
    this.admission = admission;
    this.identity = identity;
    this.clock = clock;
    this.journal = journal;
    this.audit = audit;
    this.containments = containments;
    this.kills = kills;
    this.evidence = evidence;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "interdict-containment-ttl");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes up the containments that an earlier run left in force.
   *
   * @param directory for the journal and the audit log
   * @param identity whose authority must have certified a signer
   * @param scope the cgroups that may be touched
   * @param evidence for windows of the recorder; null where there is none. Closed by its owner
   */
  public static CommandExecutor open(
      Path directory,
      String node,
      long epoch,
      Identity identity,
      InstantSource clock,
      CgroupScope scope,
      Evidence evidence)
      throws IOException {
    Files.createDirectories(directory);
    long now = nanos(clock.instant());
    CgroupTree cgroups = CgroupTree.mounted();
    CommandJournal journal = new CommandJournal(directory, now);
    AuditLog audit = new AuditLog(directory);
    ProtectedProcesses guarded = new ProtectedProcesses(cgroups);
    Targets targets = new Targets(cgroups, scope);
    Containments containments =
        new Containments(cgroups, guarded, targets, NetworkCut.open(node), journal, audit);
    CommandExecutor executor =
        new CommandExecutor(
            new Admission(node, epoch, identity),
            identity,
            clock,
            journal,
            audit,
            containments,
            new Kills(cgroups, guarded, targets),
            evidence);
    if (evidence != null) {
      evidence.onFinished(executor::auditWindow);
    }
    containments.adopt(now);
    executor.rehearse();
    executor.expiry =
        executor.timer.scheduleWithFixedDelay(
            executor::expireInBackground,
            EXPIRY_PERIOD_MILLIS,
            EXPIRY_PERIOD_MILLIS,
            TimeUnit.MILLISECONDS);
    return executor;
  }

  @Override
  public synchronized CommandResult handle(SignedCommand signed) {
    Command command = Command.getDefaultInstance();
    PeerName signer = null;
    CommandResult result;
    boolean again = false;
    try {
      signer = admission.signer(signed, clock.instant());
      command = Admission.parse(signed);
      admission.check(command, now());
      again = command.hasSave() && journal.answer(command.getId()) != null;
      result = answerOrRun(command);
    } catch (RefusedException e) {
      result = result(command, Status.REFUSED, e.getMessage()).build();
    } catch (IOException | UncheckedIOException e) {
      result = result(command, Status.FAILED, e.getMessage()).build();
    }
    if (again) {
      return result; // it only says how far it is: the end is in the audit log
    }
    try {
      audit(command, signer, result);
    } catch (IOException e) {
      return result.toBuilder()
          .setMessage((result.getMessage() + " not in the audit log: " + e.getMessage()).strip())
          .build();
    }
    return result;
  }

  /** Why this node cannot cut or freeze; null if it can. Found out at the start. */
  public String obstacle() {
    return obstacle;
  }

  /** What is in force, as the kernel says now. */
  public synchronized List<Containment> containments() throws IOException {
    return containments.list(now());
  }

  /** For whoever has the node itself: no signature is asked for. False if there is none such. */
  public synchronized boolean release(String containmentId, String why) throws IOException {
    Held held = journal.held(containmentId);
    if (held == null) {
      return false;
    }
    containments.release(held, why, now());
    return true;
  }

  /** Containments stay in force. */
  @Override
  public void close() throws IOException {
    expiry.cancel(false);
    timer.shutdown();
    synchronized (this) {
      containments.close(now());
      journal.close();
      audit.close();
    }
  }

  synchronized void expire() {
    if (!timer.isShutdown()) {
      containments.expire(now());
    }
  }

  /** A timer's task that throws is never run again, and then no containment would ever end. */
  private void expireInBackground() {
    try {
      expire();
    } catch (RuntimeException e) {
      LOG.error("containments could not be looked through, is tried again", e);
    }
  }

  private void rehearse() {
    try {
      SignedCommand own = identity.sign(Command.getDefaultInstance());
      for (int i = 0; i < REHEARSALS; i++) {
        identity.verify(own, clock.instant());
      }
      containments.rehearse();
    } catch (IOException | GeneralSecurityException e) {
      obstacle = Capabilities.explain(e.getMessage());
      LOG.warn("this node will not be able to contain anything: {}", obstacle);
    }
  }

  private CommandResult answerOrRun(Command command) throws RefusedException, IOException {
    Command known = journal.command(command.getId());
    if (known != null && !sameAction(known, command)) {
      throw new RefusedException(
          "command id=" + command.getId() + " was used for another action before");
    }
    CommandResult answer = known == null ? null : journal.answer(command.getId());
    if (answer != null && command.hasSave()) {
      SavedWindow window = evidence().last(command.getSave().getName());
      return window == null ? answer : saved(command, window, ""); // it goes on meanwhile
    }
    if (answer != null) {
      return answer.toBuilder()
          .setMessage("done before, not repeated: " + answer.getMessage())
          .clearContainments()
          .addAllContainments(containments.list(now()))
          .build();
    }
    if (known == null && journal.nonceUsed(command.getNonce())) {
      throw new RefusedException("the command is a replay: its nonce was used before");
    }
    return switch (command.getActionCase()) {
      case CONTAIN -> contain(command, known == null);
      case RELEASE -> release(command, known == null);
      case LIST ->
          result(command, Status.DONE, "").addAllContainments(containments.list(now())).build();
      case KILL -> kill(command, known == null);
      case SAVE -> save(command, known == null);
      case LIST_WINDOWS ->
          result(command, Status.DONE, "").addAllWindows(evidence().list()).build();
      case ACTION_NOT_SET ->
          throw new RefusedException("the command asks for nothing that this version knows");
    };
  }

  private CommandResult contain(Command command, boolean fresh)
      throws RefusedException, IOException {
    Held held = containments.plan(command.getContain(), command.getAlertId(), now());
    if (fresh) {
      journal.accept(command, now());
    }
    journal.hold(held);
    String lapse = writeJournal();
    CommandResult.Builder result;
    try {
      Containment verified = containments.enforce(held, now());
      String strayed = containments.strayed(command.getContain().getTarget(), held);
      boolean inForce = verified.getCut() == held.cut() && verified.getFrozen() == held.freeze();
      result =
          result(
                  command,
                  inForce && strayed == null ? Status.DONE : Status.FAILED,
                  strayed != null ? strayed : inForce ? lapse : "the kernel does not confirm it")
              .addContainments(verified);
    } catch (IOException e) {
      // What did take hold stays until the TTL: half a containment is better than none.
      result =
          result(command, Status.FAILED, e.getMessage())
              .addContainments(containments.verify(held, now()));
    }
    return answered(result.build());
  }

  private CommandResult release(Command command, boolean fresh)
      throws RefusedException, IOException {
    String id = command.getRelease().getContainmentId();
    if (fresh) {
      journal.accept(command, now());
    }
    Held held = journal.held(id);
    if (held == null) {
      return answered(
          result(command, Status.DONE, "containment " + id + " is not in force").build());
    }
    containments.release(held, "released: " + command.getReason(), now());
    return answered(result(command, Status.DONE, "").build());
  }

  private CommandResult kill(Command command, boolean fresh) throws RefusedException, IOException {
    if (!fresh && kills.isOver(command.getKill())) {
      return answered(result(command, Status.DONE, "the target has ended").build());
    }
    kills.check(command.getKill());
    if (fresh) {
      journal.accept(command, now());
    }
    String lapse = writeJournal();
    CommandResult.Builder result;
    try {
      int killed = kills.carryOut(command.getKill());
      result = result(command, Status.DONE, lapse).setKilled(killed);
    } catch (IOException e) {
      result = result(command, Status.FAILED, e.getMessage());
    }
    return answered(result.build());
  }

  private CommandResult save(Command command, boolean fresh) throws RefusedException, IOException {
    SavedWindow window = fresh ? null : evidence().find(command.getSave().getName());
    String lapse = "";
    if (window == null) {
      SaveWindow request = evidence().check(command.getSave(), now());
      if (fresh) {
        journal.accept(command, now());
      }
      lapse = writeJournal();
      window = evidence.save(request);
    }
    return answered(saved(command, window, lapse));
  }

  private static CommandResult saved(Command command, SavedWindow window, String lapse) {
    boolean failed = window.getState() == SavedWindow.State.FAILED;
    return result(
            command,
            failed ? Status.FAILED : Status.DONE,
            window.getMessage().isEmpty() ? lapse : window.getMessage())
        .addWindows(window)
        .build();
  }

  private Evidence evidence() throws RefusedException {
    if (evidence == null) {
      throw new RefusedException("this agent has no recorder to save windows of");
    }
    return evidence;
  }

  private void auditWindow(SavedWindow window) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("window", window.getName());
    fields.put("from", Containments.instant(window.getFrom()));
    fields.put("until", Containments.instant(window.getUntil()));
    fields.put("events", window.getEvents());
    fields.put("bytes", window.getBytes());
    fields.put("processes", window.getProcesses());
    fields.put("files", window.getFiles());
    fields.put("state_bytes", window.getStateBytes());
    fields.put("message", window.getMessage());
    try {
      audit.write(clock.instant(), "window_" + lower(window.getState().name()), fields);
    } catch (IOException e) {
      LOG.error("window {} is not in the audit log: {}", window.getName(), e.getMessage());
    }
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * Written before anything is done, but not synced, which costs more than the containment itself:
   * what a host's crash takes from the journal it takes from the kernel as well, and the epoch that
   * follows refuses the commands of the one before. A disk that is full, or filled by the attacker,
   * does not stop a containment: it then lasts as long as this agent, and the answer says so.
   */
  private String writeJournal() {
    try {
      journal.write(now());
      return "";
    } catch (IOException e) {
      LOG.error("the journal of commands cannot be written: {}", e.getMessage());
      return "will not be remembered if the agent restarts: the journal cannot be written: "
          + e.getMessage();
    }
  }

  private CommandResult answered(CommandResult result) throws IOException {
    journal.answered(result);
    try {
      journal.write(now());
    } catch (IOException e) {
      LOG.error(
          "the answer to command {} is not remembered: {}", result.getCommandId(), e.getMessage());
    }
    return result;
  }

  private void audit(Command command, PeerName signer, CommandResult result) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("command", command.getId());
    fields.put("action", command.getActionCase().name());
    fields.put("signer", signer);
    fields.put("status", result.getStatus().name());
    fields.put("message", result.getMessage());
    fields.put("alert", command.getAlertId());
    fields.put("reason", command.getReason());
    if (command.hasContain()) {
      fields.put("containment", command.getContain().getContainmentId());
      putTarget(fields, command.getContain().getTarget());
      for (Containment verified : result.getContainmentsList()) {
        if (verified.getId().equals(command.getContain().getContainmentId())) {
          fields.put("quarantine", verified.getOrigin().isEmpty() ? null : verified.getCgroup());
          fields.put("cut", verified.getCut());
          fields.put("frozen", verified.getFrozen());
          fields.put("until", Containments.instant(verified.getUntil()));
        }
      }
    } else if (command.hasRelease()) {
      fields.put("containment", command.getRelease().getContainmentId());
    } else if (command.hasKill()) {
      putTarget(fields, command.getKill().getTarget());
      fields.put("scope", lower(command.getKill().getScope().name()));
      fields.put("killed", result.getKilled());
    } else if (command.hasSave()) {
      fields.put("window", command.getSave().getName());
      if (command.getSave().hasStateOf()) {
        putTarget(fields, command.getSave().getStateOf());
      }
    }
    audit.write(clock.instant(), "command", fields);
  }

  private static void putTarget(Map<String, Object> fields, Target target) {
    fields.put("cgroup", target.getCgroup());
    fields.put("pid", target.getPid() == 0 ? null : target.getPid());
  }

  /** The same request sent again has a new nonce and expiry, and a new epoch after a restart. */
  private static boolean sameAction(Command one, Command other) {
    return one.getContain().equals(other.getContain())
        && one.getRelease().equals(other.getRelease())
        && one.getKill().equals(other.getKill())
        && one.getSave().equals(other.getSave())
        && one.getActionCase() == other.getActionCase();
  }

  private static CommandResult.Builder result(Command command, Status status, String message) {
    return CommandResult.newBuilder()
        .setCommandId(command.getId())
        .setStatus(status)
        .setMessage(message);
  }

  private long now() {
    return nanos(clock.instant());
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }
}
