/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_DUP_H
#define INTERDICT_DUP_H

#include "../descriptor.h"
#include "../syscall.h"

#define F_DUPFD 0
#define F_DUPFD_CLOEXEC 1030

/* After dup(2) and its kin: a socket or pipe that is now standard input, output or error. */
static __noinline int duplicated(u32 from, long result)
{
	u32 to = result;
	if (result < 0 || to > 2 || from == to || !wanted(KIND_DUP))
		return 0;
	struct file *file = file_of(to);
	if (!file) {
		lost(KIND_DUP);
		return 0;
	}
	u16 type = FETCH(struct file, file, f_inode, i_mode) & S_IFMT;
	if (type != S_IFSOCK && type != S_IFIFO) {
		filtered(KIND_DUP);
		return 0;
	}
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct dup_record *r = &s->dup;
	identify(&r->header, KIND_DUP);
	r->from = from;
	r->to = to;
	u32 used = describe(&r->fd, file, to, sizeof(*r));
	submit_scratch(s, &process_ring, used, true);
	return 0;
}

AFTER(dup)
{
	return duplicated(call->arguments[0], call->result);
}

AFTER(dup2)
{
	return duplicated(call->arguments[0], call->result);
}

AFTER(dup3)
{
	return duplicated(call->arguments[0], call->result);
}

AFTER(fcntl)
{
	if (call->arguments[1] == F_DUPFD || call->arguments[1] == F_DUPFD_CLOEXEC)
		return duplicated(call->arguments[0], call->result);
	return 0;
}

#endif
