package dev.interdict.response;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.bus.tls.Identity;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.CommandResult.Status;
import dev.interdict.schema.Contain;
import dev.interdict.schema.Containment;
import dev.interdict.schema.NodeInfo;
import dev.interdict.schema.Presence;
import dev.interdict.schema.SignedCommand;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A node that remembers what it was asked, answers a known id without repeating, as the agent does.
 */
final class FakeNode implements NodeCommands {
  static final long EPOCH = 7;

  private final Identity identity;
  private final List<Command> received = new ArrayList<>();
  private final Map<String, Containment> inForce = new LinkedHashMap<>();
  private final Map<String, CommandResult> answers = new LinkedHashMap<>();
  private Function<Command, CommandResult> behaviour = this::carryOut;
  private int carriedOut;
  private long time;

  /**
   * @param identity of the node, whose authority certified the responder
   * @param time by its clock, which goes on by a millisecond with each containment
   */
  FakeNode(Identity identity, Instant time) {
    this.identity = identity;
    this.time = SampleAlerts.nanos(time);
  }

  static Presence present(long epoch) {
    return Presence.newBuilder()
        .setNode(NodeInfo.newBuilder().setId(SampleAlerts.NODE).setEpoch(epoch))
        .setConnected(true)
        .build();
  }

  static CommandResult answer(Command command, Status status, String message) {
    return CommandResult.newBuilder()
        .setCommandId(command.getId())
        .setStatus(status)
        .setMessage(message)
        .build();
  }

  /** Null: no answer ever comes. */
  synchronized void behave(Function<Command, CommandResult> value) {
    behaviour = value;
  }

  synchronized List<Command> received() {
    return List.copyOf(received);
  }

  synchronized int carriedOut() {
    return carriedOut;
  }

  synchronized void loseContainments() {
    inForce.clear();
  }

  @Override
  public synchronized CompletableFuture<CommandResult> send(SignedCommand signed, String node) {
    CommandResult result = behaviour.apply(verified(signed));
    return result == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(result);
  }

  synchronized CommandResult handle(SignedCommand signed) {
    return behaviour.apply(verified(signed));
  }

  private Command verified(SignedCommand signed) {
    try {
      identity.verify(signed, Instant.now());
      Command command = Command.parseFrom(signed.getCommand());
      received.add(command);
      return command;
    } catch (GeneralSecurityException | InvalidProtocolBufferException e) {
      throw new AssertionError("the node cannot accept what it was sent", e);
    }
  }

  synchronized CommandResult carryOut(Command command) {
    CommandResult known = answers.get(command.getId());
    if (known != null) {
      return known.toBuilder()
          .setMessage("done before")
          .clearContainments()
          .addAllContainments(inForce.values())
          .build();
    }
    carriedOut++;
    CommandResult.Builder result = answer(command, Status.DONE, "").toBuilder();
    if (command.hasContain()) {
      Contain contain = command.getContain();
      time += 1_000_000;
      Containment containment =
          Containment.newBuilder()
              .setId(contain.getContainmentId())
              .setCgroup(contain.getTarget().getCgroup())
              .setCgroupId(contain.getTarget().getCgroupId())
              .setCut(contain.getCut())
              .setFrozen(contain.getFreeze())
              .setSince(time)
              .setVerified(time)
              .setUntil(time + contain.getTtlSeconds() * 1_000_000_000L)
              .build();
      inForce.put(containment.getId(), containment);
      result.addContainments(containment);
    } else {
      inForce.remove(command.getRelease().getContainmentId());
    }
    answers.put(command.getId(), result.build());
    return result.build();
  }
}
