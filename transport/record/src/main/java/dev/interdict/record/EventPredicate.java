package dev.interdict.record;

/** Whether a reader wants an event. One thread; called for every event, so it must not allocate. */
@FunctionalInterface
public interface EventPredicate {
  boolean test(byte[] array, int offset, int length);
}
