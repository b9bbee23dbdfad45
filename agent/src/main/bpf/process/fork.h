/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_FORK_H
#define INTERDICT_FORK_H

#include "../core.h"

#define CLONE_NEWTIME 0x00000080
#define CLONE_NEWNS 0x00020000
#define CLONE_NEWCGROUP 0x02000000
#define CLONE_NEWUTS 0x04000000
#define CLONE_NEWIPC 0x08000000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000
#define CLONE_NEWNET 0x40000000

/* Nearly every child shares all of them, which takes four comparisons. */
static __always_inline u32 new_namespaces(struct task_struct *parent, struct task_struct *child)
{
	struct nsproxy *old = parent->nsproxy, *new = child->nsproxy;
	u32 namespaces = 0;
	if (parent->cred != child->cred && parent->cred->user_ns != child->cred->user_ns)
		namespaces |= CLONE_NEWUSER;
	if (parent->thread_pid->level != child->thread_pid->level) /* that of the parent is never left but for one below */
		namespaces |= CLONE_NEWPID;
	if (old == new)
		return namespaces;
	if (old->uts_ns != new->uts_ns)
		namespaces |= CLONE_NEWUTS;
	if (old->ipc_ns != new->ipc_ns)
		namespaces |= CLONE_NEWIPC;
	if (old->mnt_ns != new->mnt_ns)
		namespaces |= CLONE_NEWNS;
	if (old->net_ns != new->net_ns)
		namespaces |= CLONE_NEWNET;
	if (old->time_ns != new->time_ns)
		namespaces |= CLONE_NEWTIME;
	if (old->cgroup_ns != new->cgroup_ns)
		namespaces |= CLONE_NEWCGROUP;
	return namespaces;
}

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
	r->namespaces = new_namespaces(parent, child);
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_FORK);
	return 0;
}

#endif
