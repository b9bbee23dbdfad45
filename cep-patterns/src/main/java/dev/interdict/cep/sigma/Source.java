package dev.interdict.cep.sigma;

import dev.interdict.cep.index.Slot;

/** What stands for a rule's field in one type of record. */
sealed interface Source {
  record InEvent(Slot slot) implements Source {}

  /** Every record of the type has the same value. */
  record Constant(String value) implements Source {}

  /** A flag of the event told in words. */
  record Choice(Slot flag, String yes, String no) implements Source {}

  /** Records of the type never have it: it compares as the empty text. */
  record Absent(String why) implements Source {}
}
