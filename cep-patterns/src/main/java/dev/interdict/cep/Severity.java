package dev.interdict.cep;

import dev.interdict.cep.index.Expression;
import dev.interdict.schema.Level;

/**
 * A level that a finding has in some context.
 *
 * @param when what any of its events must be
 * @param reason for a person; empty if the author gave none
 */
public record Severity(Level level, Expression when, String reason) {}
