/** Measurements of Interdict against its peers; nothing else may depend on this package. */
package dev.interdict.benchmarks;
