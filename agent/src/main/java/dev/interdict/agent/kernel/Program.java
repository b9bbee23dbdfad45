package dev.interdict.agent.kernel;

import java.util.List;

/** The programs in {@code interdict.bpf.c}, where each hooks in, and what is seen by it. */
enum Program {
  ON_EXEC("on_exec", "tp_btf/sched_process_exec", "exec"),
  ON_EXIT("on_exit", "tp_btf/sched_process_exit", "exit"),
  ON_FORK("on_fork", "tp_btf/sched_process_fork", "fork"),
  SNAPSHOT("snapshot", "iter/task", "snapshot");

  final String symbol;
  final String hook;
  final List<String> kinds;

  Program(String symbol, String hook, String... kinds) {
    this.symbol = symbol;
    this.hook = hook;
    this.kinds = List.of(kinds);
  }
}
