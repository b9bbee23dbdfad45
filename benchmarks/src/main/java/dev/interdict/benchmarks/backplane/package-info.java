/** This backplane beside message brokers: the same events, from process to process. */
package dev.interdict.benchmarks.backplane;
