package dev.interdict.record;

/**
 * A named consumer has everything before this position; retention leaves it the rest.
 *
 * @param kinds of which it needs events, one bit each
 * @param renewedMillis Unix milliseconds by the clock of retention
 */
public record Hold(String name, Position position, long kinds, long renewedMillis) {}
