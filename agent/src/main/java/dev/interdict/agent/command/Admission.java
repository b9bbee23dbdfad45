package dev.interdict.agent.command;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.bus.tls.Identity;
import dev.interdict.bus.tls.PeerName;
import dev.interdict.bus.tls.Role;
import dev.interdict.schema.Command;
import dev.interdict.schema.SignedCommand;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;

/** Whether a command is from whoever may command this node, and meant for it now. Any thread. */
record Admission(String node, long epoch, Identity identity) {
  static final Duration CLOCK_SKEW = Duration.ofSeconds(30);
  static final Duration MAX_LIFETIME = Duration.ofMinutes(10);
  private static final int MAX_COMMAND_BYTES = 64 * 1024;
  private static final int NONCE_BYTES = 16;

  PeerName signer(SignedCommand signed, Instant now) throws RefusedException {
    if (signed.getCommand().size() > MAX_COMMAND_BYTES) {
      throw new RefusedException(
          "invalid command.length=" + signed.getCommand().size() + " limit=" + MAX_COMMAND_BYTES);
    }
    PeerName signer;
    try {
      signer = identity.verify(signed, now);
    } catch (GeneralSecurityException e) {
      throw new RefusedException("the signature is not accepted: " + e.getMessage());
    }
    if (signer.role() != Role.RESPONDER && signer.role() != Role.ADMIN) {
      throw new RefusedException(
          "signer=" + signer + " may not command nodes: its role is neither responder nor admin");
    }
    return signer;
  }

  static Command parse(SignedCommand signed) throws RefusedException {
    try {
      return Command.parseFrom(signed.getCommand());
    } catch (InvalidProtocolBufferException e) {
      throw new RefusedException("the command is not a Command message: " + e.getMessage());
    }
  }

  void check(Command command, long now) throws RefusedException {
    if (!command.getId().matches("[A-Za-z0-9._-]{1,128}")) {
      throw new RefusedException("invalid command id=" + command.getId());
    }
    if (!command.getNode().equals(node)) {
      throw new RefusedException(
          "the command is for node=" + command.getNode() + ", this is node=" + node);
    }
    if (command.getEpoch() != epoch) {
      throw new RefusedException(
          "the command is for epoch=" + command.getEpoch() + ", this is epoch=" + epoch);
    }
    if (command.getExpires() <= now) {
      throw new RefusedException(
          "the command expired at "
              + Containments.instant(command.getExpires())
              + ", it is now "
              + Containments.instant(now));
    }
    if (command.getIssued() > now + CLOCK_SKEW.toNanos()) {
      throw new RefusedException(
          "the command was issued in the future: at "
              + Containments.instant(command.getIssued())
              + ", it is now "
              + Containments.instant(now));
    }
    if (command.getExpires() > now + MAX_LIFETIME.toNanos()) {
      throw new RefusedException(
          "the command lives too long: until %s, it is now %s, limit=%s"
              .formatted(
                  Containments.instant(command.getExpires()),
                  Containments.instant(now),
                  MAX_LIFETIME));
    }
    if (command.getNonce().size() != NONCE_BYTES) {
      throw new RefusedException(
          "invalid nonce.length=" + command.getNonce().size() + " expected=" + NONCE_BYTES);
    }
  }
}
