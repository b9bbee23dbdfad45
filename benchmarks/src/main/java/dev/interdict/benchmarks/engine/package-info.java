/** What detection costs, by the number of rules and sequences, beside stock flink-cep. */
package dev.interdict.benchmarks.engine;
