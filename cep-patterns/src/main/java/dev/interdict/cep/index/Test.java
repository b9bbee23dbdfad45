package dev.interdict.cep.index;

/** What a value is compared with. Equal tests are one test. */
public sealed interface Test permits TextTest, Range, Present, SameAs {}
