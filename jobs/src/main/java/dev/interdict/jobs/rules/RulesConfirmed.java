package dev.interdict.jobs.rules;

import org.apache.flink.api.connector.source.SourceEvent;

/** From a reader to the coordinator: its streams are under the set with this hash. */
public record RulesConfirmed(String hash) implements SourceEvent {}
