package dev.interdict.cep;

import java.io.Serializable;

/** A line of a rule file, from 1. */
public record Location(String file, int line) implements Serializable, Comparable<Location> {
  @Override
  public int compareTo(Location other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : Integer.compare(line, other.line);
  }

  @Override
  public String toString() {
    return file + ":" + line;
  }
}
