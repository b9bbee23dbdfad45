package dev.interdict.bus.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.interdict.bus.tls.IdentitySource;
import dev.interdict.bus.trust.Signatures;
import dev.interdict.bus.wire.Message;
import dev.interdict.bus.wire.MessageType;
import dev.interdict.schema.Command;
import dev.interdict.schema.CommandResult;
import dev.interdict.schema.SignedCommand;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands commands to the node's handler on a thread of their own, one at a time. */
final class CommandDesk {
  private static final Logger log = LoggerFactory.getLogger(CommandDesk.class);
  private static final int MAX_WAITING = 64;

  private final CommandHandler handler;
  private final IdentitySource identities;
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_WAITING),
          new DefaultThreadFactory("interdict-commands", true));

  CommandDesk(CommandHandler handler, IdentitySource identities) {
    this.handler = handler;
    this.identities = identities;
  }

  void carryOut(SignedCommand command, DialedConnection from, int stream) {
    try {
      thread.execute(() -> answer(from, stream, handle(command)));
    } catch (RejectedExecutionException e) {
      answer(from, stream, failed(command, MAX_WAITING + " commands are waiting, the limit"));
    }
  }

  private CommandResult handle(SignedCommand command) {
    try {
      return handler.handle(command);
    } catch (RuntimeException e) {
      log.error("command handler failed", e);
      return failed(command, "the command handler failed: " + e);
    }
  }

  private static CommandResult failed(SignedCommand signed, String why) {
    CommandResult.Builder result =
        CommandResult.newBuilder().setStatus(CommandResult.Status.FAILED).setMessage(why);
    try {
      return result.setCommandId(Command.parseFrom(signed.getCommand()).getId()).build();
    } catch (InvalidProtocolBufferException e) {
      return result.setMessage(why + ", and it was malformed: " + e.getMessage()).build();
    }
  }

  private void answer(DialedConnection to, int stream, CommandResult result) {
    to.writeAndFlush(
        Message.of(
            to.channel().alloc(),
            MessageType.COMMAND_RESULT,
            stream,
            Signatures.sign(result, identities.identity())));
  }

  /** A command that has begun is carried out; those that wait are not. */
  void close() {
    thread.shutdown();
    thread.getQueue().clear();
  }
}
