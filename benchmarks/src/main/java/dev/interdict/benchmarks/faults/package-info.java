/** Real processes that are killed, cut off and starved, and whether an event was lost by it. */
package dev.interdict.benchmarks.faults;
