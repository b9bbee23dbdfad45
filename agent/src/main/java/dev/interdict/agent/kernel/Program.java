package dev.interdict.agent.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A program of the BPF object, where it hooks in, and what is seen by it; {@code programs.c} has
 * the table.
 *
 * @param kinds their names; empty where it only serves others
 */
record Program(String symbol, String hook, List<String> kinds) {
  /** In the order of the table. */
  static final List<Program> ALL = read();

  /** What hands system calls on: without it, none of those that look at one sees anything. */
  static final String ON_SYSCALL = "on_syscall";

  private static List<Program> read() {
    List<Program> programs = new ArrayList<>();
    for (String line : Natives.programs().split("\n")) {
      String[] parts = line.split(" ", 3);
      List<String> kinds = parts[2].isEmpty() ? List.of() : List.of(parts[2].split(","));
      programs.add(new Program(parts[0], parts[1], kinds));
    }
    return List.copyOf(programs);
  }

  boolean isOfSystemCall() {
    return symbol.startsWith("call_");
  }

  /** By {@link #ON_SYSCALL}; else it is at the end of the call's function. */
  boolean isHandedOn() {
    return isOfSystemCall() && hook.startsWith("tp_btf/");
  }
}
