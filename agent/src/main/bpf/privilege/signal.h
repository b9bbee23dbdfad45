/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Signals that end or stop. One hook at their delivery sees every target of kill(-1) too, and costs nothing but
 * where signals are sent; it does not see what the kernel refused, which the calls tell.
 */
#ifndef INTERDICT_SIGNAL_H
#define INTERDICT_SIGNAL_H

#include "target.h"

#define SIGNAL(number) (1ULL << (number))
/* HUP, INT, QUIT, ILL, ABRT, BUS, FPE, KILL, SEGV, TERM, STOP */
#define ENDING                                                                                                  \
	(SIGNAL(1) | SIGNAL(2) | SIGNAL(3) | SIGNAL(4) | SIGNAL(6) | SIGNAL(7) | SIGNAL(8) | SIGNAL(9) |        \
	 SIGNAL(11) | SIGNAL(15) | SIGNAL(19))
#define PIDTYPE_SID 3
#define DELIVERED 0
#define IGNORED 1
#define GENERATIONS 8

static __always_inline bool is_ending(u32 number)
{
	return number < 64 && SIGNAL(number) & ENDING;
}

static __always_inline struct pid *session_of(struct task_struct *task)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	return BPF_CORE_READ(signal, pids[PIDTYPE_SID]);
}

/* Shells, supervisors and process groups end their own all day. */
static __always_inline bool is_own(struct task_struct *self, struct task_struct *target)
{
	int pid = BPF_CORE_READ(self, tgid);
	struct task_struct *task = target;
	if (session_of(self) == session_of(target))
		return true;
	for (int i = 0; i < GENERATIONS; i++) {
		if (BPF_CORE_READ(task, tgid) == pid)
			return true;
		struct task_struct *parent = BPF_CORE_READ(task, real_parent);
		if (parent == task)
			return false;
		task = parent;
	}
	return false;
}

/* CHLD, CONT, URG, WINCH: the others end the agent, stop it, or are none of anybody's business. */
#define HARMLESS (SIGNAL(17) | SIGNAL(18) | SIGNAL(23) | SIGNAL(28))

static __always_inline bool is_at_agent(u32 number, u32 pid)
{
	return pid == shared.self && number < 64 && !(SIGNAL(number) & HARMLESS) &&
	       (u32)(bpf_get_current_pid_tgid() >> 32) != shared.self;
}

static __always_inline int report_signal(u32 number, struct task_struct *target, long result)
{
	if (was_told(KIND_SIGNAL, (u64)target, number << 1 | (result < 0), SECOND))
		return 0;
	struct call_record *r = bpf_ringbuf_reserve(&process_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_SIGNAL);
		return 0;
	}
	u64 flags = wake_flags(&process_ring, true);
	__builtin_memset(r, 0, sizeof(*r));
	identify(&r->header, KIND_SIGNAL);
	r->header.size = sizeof(*r);
	r->header.result = result;
	r->operation = OPERATION_kill;
	r->numbers[0] = number;
	aim(r, target);
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_SIGNAL);
	wake(&process_ring, flags, true);
	return 0;
}

/*
 * `info` is 0 for a plain signal of the current process and 1 for one of the kernel; the kernel's own and those of
 * a terminal have a code above 0.
 */
SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int number, struct kernel_siginfo *info, struct task_struct *target, int group, int outcome)
{
	if ((u64)info == 1 || ((u64)info && (int)BPF_CORE_READ(info, si_code) > 0))
		return 0;
	u32 pid = BPF_CORE_READ(target, tgid);
	if (is_at_agent(number, pid)) /* whatever is asked for */
		return report_signal(number, target, 0);
	if (!is_ending(number) || !wanted(KIND_SIGNAL))
		return 0;
	struct task_struct *self = (void *)bpf_get_current_task();
	if (outcome > IGNORED || (pid != 1 && is_own(self, target))) {
		filtered(KIND_SIGNAL);
		return 0;
	}
	return report_signal(number, target, 0);
}

static __noinline int signal_refused(u32 number, struct task_struct *target, long result)
{
	if (!is_refusal(result) || !is_ending(number) || !wanted(KIND_SIGNAL))
		return 0;
	return report_signal(number, target, result);
}

/* A group (0, -1, below) is refused as a whole, and has no target then. */
AFTER(kill)
{
	s32 pid = call->arguments[0];
	return signal_refused(call->arguments[1], pid > 0 ? task_of_number(pid) : NULL, call->result);
}

AFTER(tkill)
{
	return signal_refused(call->arguments[1], task_of_number(call->arguments[0]), call->result);
}

AFTER(tgkill)
{
	return signal_refused(call->arguments[2], task_of_number(call->arguments[1]), call->result);
}

AFTER(rt_sigqueueinfo)
{
	return signal_refused(call->arguments[1], task_of_number(call->arguments[0]), call->result);
}

AFTER(rt_tgsigqueueinfo)
{
	return signal_refused(call->arguments[2], task_of_number(call->arguments[1]), call->result);
}

AFTER(pidfd_send_signal)
{
	return signal_refused(call->arguments[1], task_of_descriptor(call->arguments[0]), call->result);
}

#endif
