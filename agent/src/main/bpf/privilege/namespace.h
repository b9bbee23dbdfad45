/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_NAMESPACE_H
#define INTERDICT_NAMESPACE_H

#include "call.h"

#define NSFS_MAGIC 0x6e736673
/* CLONE_NEW*: time, mnt, cgroup, uts, ipc, user, pid, net */
#define NEW_NAMESPACES (0x80 | 0x20000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000)

/* numbers: flags as given, flags of what was entered, inode of the namespace; texts: path of its descriptor. */
AFTER(setns)
{
	if (!wanted(KIND_SETNS) || !is_telling(KIND_SETNS, call->result))
		return 0;
	struct file *file = file_of(call->arguments[0]);
	union scratch *s = scratch();
	if (!file || !s) {
		lost(KIND_SETNS);
		return 0;
	}
	struct call_record *r = begin_call(s, KIND_SETNS, OPERATION_setns, call->result);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	u32 flags = call->arguments[1];
	r->numbers[0] = r->numbers[1] = flags;
	if (BPF_CORE_READ(inode, i_sb, s_magic) == NSFS_MAGIC) { /* otherwise a pidfd, which enters all that flags say */
		struct ns_common *namespace = BPF_CORE_READ(inode, i_private);
		if (bpf_core_field_exists(namespace->ns_type))
			r->numbers[1] = BPF_CORE_READ(namespace, ns_type);
		else
			r->numbers[1] = (u32)BPF_CORE_READ(namespace, ops, type);
		r->numbers[2] = BPF_CORE_READ(inode, i_ino);
	}
	return submit_call(s, append_file(r, 0, call->arguments[0], sizeof(*r)));
}

/* numbers: flags as given, flags of new namespaces. */
AFTER(unshare)
{
	u32 flags = call->arguments[0];
	if (!(flags & NEW_NAMESPACES) || !wanted(KIND_UNSHARE) || !is_telling(KIND_UNSHARE, call->result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_UNSHARE, OPERATION_unshare, call->result);
	r->numbers[0] = flags;
	r->numbers[1] = flags & NEW_NAMESPACES;
	return submit_call(s, sizeof(*r));
}

#endif
