package dev.interdict.bus.client;

import dev.interdict.schema.CommandResult;
import dev.interdict.schema.SignedCommand;

/** Checks and carries out commands on a node. Called on one thread, never two commands at once. */
@FunctionalInterface
public interface CommandHandler {
  CommandResult handle(SignedCommand command);
}
