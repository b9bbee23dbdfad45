/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_EXIT_H
#define INTERDICT_EXIT_H

#include "../core.h"

/* Fires for each thread; the last one to go takes the process with it. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	if (FETCH(struct task_struct, task, signal, live.counter) != 0 || !wanted(KIND_EXIT))
		return 0;
	u64 flags = wake_flags(&process_ring, false);
	struct exit_record *r = bpf_ringbuf_reserve(&process_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_EXIT);
		return 0;
	}
	identify(&r->header, KIND_EXIT);
	r->header.size = sizeof(*r);
	r->code = task->exit_code;
	r->reserved = 0;
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_EXIT);
	return 0;
}

#endif
