package dev.interdict.agent.kernel;

import java.util.List;

/** The programs in {@code interdict.bpf.c}, where each hooks in, and what is seen by it. */
enum Program {
  ON_EXEC("on_exec", "tp_btf/sched_process_exec", "exec"),
  ON_EXIT("on_exit", "tp_btf/sched_process_exit", "exit"),
  ON_FORK("on_fork", "tp_btf/sched_process_fork", "fork"),
  ON_SOCKET_STATE("on_socket_state", "tp_btf/inet_sock_set_state", "connect"),
  ON_SYSCALL("on_syscall", "tp_btf/sys_exit", "open", "read", "accept", "dup"),
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
