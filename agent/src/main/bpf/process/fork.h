/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_FORK_H
#define INTERDICT_FORK_H

#include "../core.h"

/* Before the child runs. Threads are not told. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (child->pid != child->tgid || !wanted(KIND_FORK))
		return 0;
	u64 flags = wake_flags(&process_ring, false);
	struct fork_record *r = bpf_ringbuf_reserve(&process_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_FORK);
		return 0;
	}
	identify(&r->header, KIND_FORK);
	r->header.size = sizeof(*r);
	r->child_start = child->start_boottime;
	r->child_cgroup = child->cgroups->dfl_cgrp->kn->id;
	r->child_pid = child->tgid;
	r->reserved = 0;
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_FORK);
	return 0;
}

#endif
