package dev.interdict.cep;

import java.io.Serializable;

/** The text of one rule file; the name stands in error messages. */
public record RuleFile(String name, String text) implements Serializable {}
