package dev.interdict.record;

/** What a recorder still holds of an epoch in any lane; {@code last} is 0 where nothing is. */
public record EpochRange(long epoch, long first, long last) {}
