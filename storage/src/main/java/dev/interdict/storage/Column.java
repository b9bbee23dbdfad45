package dev.interdict.storage;

/** A column of an answer. */
public record Column(String name, boolean numeric) {}
