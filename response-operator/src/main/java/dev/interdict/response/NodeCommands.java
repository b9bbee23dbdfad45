package dev.interdict.response;

import dev.interdict.schema.CommandResult;
import dev.interdict.schema.SignedCommand;
import java.util.concurrent.CompletableFuture;

/** The way to the nodes; always completes with a result, UNREACHABLE where there was no answer. */
@FunctionalInterface
interface NodeCommands {
  CompletableFuture<CommandResult> send(SignedCommand command, String node);
}
