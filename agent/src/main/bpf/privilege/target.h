/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which process a number or descriptor stands for. A number counts in the pid namespace of who uses it. */
#ifndef INTERDICT_TARGET_H
#define INTERDICT_TARGET_H

#include "call.h"

#define PIDTYPE_PID 0
#define PIDTYPE_TGID 1
#define PIDFS_MAGIC 0x50494446
#define NODE_LEVELS 6 /* of 64 slots each: more than there can be pids */

static __always_inline struct task_struct *task_of(struct pid *pid, u32 type)
{
	u64 node = 0;
	if (!pid)
		return NULL;
	bpf_probe_read_kernel(&node, sizeof(node), (void *)pid + bpf_core_field_offset(struct pid, tasks) + type * sizeof(node));
	if (!node)
		return NULL;
	return (void *)(node - bpf_core_field_offset(struct task_struct, pid_links) -
			type * bpf_core_type_size(struct hlist_node));
}

/* There is no helper for it on any kernel: the number is looked up in the namespace's radix tree, as find_vpid does. */
static __noinline struct pid *find_pid(u32 number)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pid *own = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(own, level);
	struct pid_namespace *namespace = NULL;
	bpf_probe_read_kernel(&namespace, sizeof(namespace),
			      (void *)own + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, ns));
	u64 entry = (u64)BPF_CORE_READ(namespace, idr.idr_rt.xa_head);
	for (int i = 0; i < NODE_LEVELS && (entry & 3) == 2; i++) {
		void *node = (void *)(entry - 2);
		u8 shift = BPF_CORE_READ((struct xa_node *)node, shift);
		u64 slot = (number >> (shift & 31)) & 63;
		if (i == 0 && (u64)number >> (shift & 31) > 63)
			return NULL;
		bpf_probe_read_kernel(&entry, sizeof(entry),
				      node + bpf_core_field_offset(struct xa_node, slots) + slot * sizeof(entry));
	}
	return entry & 3 ? NULL : (void *)entry;
}

static __always_inline struct task_struct *task_of_number(u32 number)
{
	return task_of(find_pid(number), PIDTYPE_PID);
}

static __always_inline struct task_struct *task_of_descriptor(u32 number)
{
	struct file *file = file_of(number);
	if (!file)
		return NULL;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	bool own_file_system = BPF_CORE_READ(inode, i_sb, s_magic) == PIDFS_MAGIC; /* since 6.9 */
	struct pid *pid = own_file_system ? BPF_CORE_READ(inode, i_private) : BPF_CORE_READ(file, private_data);
	return task_of(pid, PIDTYPE_PID);
}

static __always_inline void aim(struct call_record *r, struct task_struct *task)
{
	if (!task)
		return;
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	r->target_pid = BPF_CORE_READ(leader, tgid);
	r->target_start = BPF_CORE_READ(leader, start_boottime);
	if (r->target_pid == shared.self)
		r->header.flags |= FLAG_AT_AGENT;
}

#endif
