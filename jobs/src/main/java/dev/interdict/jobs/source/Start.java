package dev.interdict.jobs.source;

/** Where the stream of a node that was never seen before begins. */
public enum Start {
  /** With the oldest event that its recorder still has. */
  EARLIEST,
  /** With the next event. */
  LIVE
}
