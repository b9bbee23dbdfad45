package dev.interdict.response;

import com.google.protobuf.ByteString;
import dev.interdict.bus.tls.Identity;
import dev.interdict.schema.Command;
import dev.interdict.schema.Contain;
import dev.interdict.schema.Entity;
import dev.interdict.schema.Kill;
import dev.interdict.schema.Release;
import dev.interdict.schema.ResponseStep;
import dev.interdict.schema.SaveWindow;
import dev.interdict.schema.SignedCommand;
import dev.interdict.schema.Target;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * Builds and signs what nodes are asked for. The id belongs to the containment and the action, so
 * that a repetition is known as one; nonce, epoch and expiry belong to the single sending.
 */
final class Commands {
  private static final int NONCE_BYTES = 16;
  private static final int MAX_REASON = 500;

  private final Identity identity;
  private final Duration lifetime;
  private final SecureRandom random = new SecureRandom();

  Commands(Identity identity, Duration lifetime) {
    this.identity = identity;
    this.lifetime = lifetime;
  }

  SignedCommand contain(ContainmentRecord record, long epoch, long now) {
    Entity entity = record.alert().getEntity();
    return sign(
        command(record, "contain")
            .setContain(
                Contain.newBuilder()
                    .setContainmentId(record.id())
                    .setTarget(
                        Target.newBuilder()
                            .setCgroupId(entity.getCgroupId())
                            .setCgroup(entity.getCgroup())
                            .setPid(entity.getPid())
                            .setStartTime(entity.getStartTime()))
                    .setCut(record.cut())
                    .setFreeze(record.freeze())
                    .setTtlSeconds((int) record.ttl().toSeconds())),
        epoch,
        now);
  }

  SignedCommand release(ContainmentRecord record, long epoch, long now) {
    return sign(
        command(record, "release").setRelease(Release.newBuilder().setContainmentId(record.id())),
        epoch,
        now);
  }

  /** The id holds the place of the step, so that two of the same kind are two commands. */
  SignedCommand step(ContainmentRecord record, int step, long epoch, long now) {
    ResponseStep what = record.steps().get(step);
    Command.Builder command = command(record, "step" + step + "-" + StepKind.of(what).text());
    Entity entity = record.alert().getEntity();
    switch (what.getAction()) {
      case SAVE_WINDOW -> command.setSave(window(record, step));
      case SAVE_EVIDENCE -> command.setSave(window(record, step).setStateOf(stateOf(entity)));
      case KILL_PROCESS, KILL_TREE ->
          command.setKill(
              Kill.newBuilder()
                  .setScope(
                      what.getAction() == ResponseStep.Action.KILL_TREE
                          ? Kill.Scope.TREE
                          : Kill.Scope.PROCESS)
                  .setTarget(process(entity)));
      case KILL_CGROUP, RESTART_CONTAINER ->
          command.setKill(Kill.newBuilder().setScope(Kill.Scope.CGROUP).setTarget(cgroup(entity)));
      default -> throw new IllegalStateException("no command for step " + what.getAction());
    }
    return sign(command, epoch, now);
  }

  private static SaveWindow.Builder window(ContainmentRecord record, int step) {
    String before = record.steps().get(step).getParametersOrThrow("before");
    return SaveWindow.newBuilder()
        .setName(record.id() + "-" + step)
        .setFrom(record.times().kernel() - Duration.parse(before).toNanos());
  }

  /** All of a container; of the host what descends from the process. */
  private static Target stateOf(Entity entity) {
    return entity.hasContainer() ? cgroup(entity) : process(entity);
  }

  private static Target cgroup(Entity entity) {
    return Target.newBuilder()
        .setCgroupId(entity.getCgroupId())
        .setCgroup(entity.getCgroup())
        .build();
  }

  private static Target process(Entity entity) {
    return Target.newBuilder().setPid(entity.getPid()).setStartTime(entity.getStartTime()).build();
  }

  /** When what is signed now is no longer valid. */
  long expiry(long now) {
    return now + lifetime.toNanos();
  }

  private static Command.Builder command(ContainmentRecord record, String action) {
    String title = record.alert().getRuleTitle();
    String reason = record.policy().isEmpty() ? title : "policy " + record.policy() + ": " + title;
    return Command.newBuilder()
        .setId(record.id() + "-" + action)
        .setNode(record.node())
        .setAlertId(record.alertId())
        .setReason(reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason);
  }

  private SignedCommand sign(Command.Builder command, long epoch, long now) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    return identity.sign(
        command
            .setEpoch(epoch)
            .setIssued(now)
            .setExpires(expiry(now))
            .setNonce(ByteString.copyFrom(nonce))
            .build());
  }
}
