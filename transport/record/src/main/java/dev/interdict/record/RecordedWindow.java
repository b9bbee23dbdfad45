package dev.interdict.record;

/**
 * What was copied of a recorder. Frames are copied whole, so that events a little before and after
 * the span are in it, too.
 *
 * @param from Unix nanoseconds
 * @param until Unix nanoseconds
 * @param leftOutEvents in frames of the span for which there was no room
 */
public record RecordedWindow(
    long from, long until, long frames, long events, long bytes, long leftOutEvents) {}
