package dev.interdict.jobs.rules;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * From the coordinator to a reader.
 *
 * @param active what its streams are under
 * @param coming what they are under from the next checkpoint that completes; null if nothing is to
 *     change
 */
public record RulesAnnounced(RuleBundle active, RuleBundle coming) implements SourceEvent {}
