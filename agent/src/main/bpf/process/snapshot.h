/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_SNAPSHOT_H
#define INTERDICT_SNAPSHOT_H

#include "exec.h"

/*
 * Every process that runs when the agent starts, read by the agent as a file. From the kernel and not from
 * /proc, which tells a start time in hundredths of a second only: not enough to know a process again.
 */
SEC("iter/task")
int snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	if (!task || task->pid != task->tgid)
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	shared.self = bpf_get_current_pid_tgid() >> 32; /* the reader: its number as the kernel sees it */
	struct exec_record *r = &s->exec;
	u32 used = sizeof(*r);
	__builtin_memset(r, 0, sizeof(*r));
	const struct cred *cred = task->cred;
	struct task_struct *parent = task->real_parent->group_leader;
	r->header.time = bpf_ktime_get_boot_ns();
	r->header.kind = KIND_SNAPSHOT;
	r->header.pid = task->tgid;
	r->header.tid = task->pid;
	r->header.start = task->start_boottime;
	r->header.parent_pid = parent->tgid;
	r->header.parent_start = parent->start_boottime;
	r->header.cgroup = task->cgroups->dfl_cgrp->kn->id;
	r->header.uid = cred->uid.val;
	r->header.gid = cred->gid.val;
	r->header.euid = cred->euid.val;
	used = describe_image(r, task, used);
	u32 size = (used + 7) & ~7U;
	if (size <= RECORD_LIMIT) {
		r->header.size = size;
		bpf_seq_write(ctx->meta->seq, s->bytes, size);
	}
	return 0;
}

#endif
