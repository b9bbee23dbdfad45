/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_OPEN_H
#define INTERDICT_OPEN_H

#include "../syscall.h"
#include "name.h"
#include "watch.h"

#define O_ACCMODE 03
#define O_WRONLY 01
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_PATH 010000000
#define FMODE_CREATED 0x100000

/* The null device and terminals are opened for writing all the time, and nothing stays there. */
static __always_inline bool is_noise(struct inode *inode)
{
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFCHR)
		return false;
	u32 device = BPF_CORE_READ(inode, i_rdev);
	return is_null_device(device) || is_terminal(device);
}

/* After open(2) and its kin: what was opened is known, through every link. */
static __noinline int opened(s32 directory, u64 given, u32 flags, long result)
{
	struct file *file = NULL;
	struct inode *inode = NULL;
	u16 marks = 0;
	if (!wanted(KIND_OPEN))
		return 0;
	if (result >= 0) {
		file = file_of(result);
		if (!file) { /* another thread has closed it already */
			lost(KIND_OPEN);
			return 0;
		}
		if (flags & O_PATH) {
			filtered(KIND_OPEN);
			return 0;
		}
		if (flags & O_CREAT && BPF_CORE_READ(file, f_mode) & FMODE_CREATED)
			marks |= FLAG_CREATED;
		if (maybe_watched(file))
			marks |= FLAG_WATCHED;
		if (flags & O_ACCMODE)
			marks |= FLAG_WRITE;
		else if (!marks) {
			filtered(KIND_OPEN);
			return 0;
		}
		inode = BPF_CORE_READ(file, f_inode);
		if (!(marks & FLAG_WATCHED) && is_noise(inode)) {
			filtered(KIND_OPEN);
			return 0;
		}
	} else if (is_denied(result)) {
		marks = FLAG_WATCHED | (flags & O_ACCMODE ? FLAG_WRITE : 0); /* refused: user space looks at the name */
	} else {
		filtered(KIND_OPEN);
		return 0;
	}
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct file_record *r = &s->file;
	u32 used = sizeof(*r);
	__builtin_memset(r, 0, sizeof(*r));
	identify(&r->header, KIND_OPEN);
	r->header.flags = marks;
	r->header.result = result < 0 ? result : 0;
	r->flags = flags;
	if (file) {
		used = append_user_string(s, &r->given, (void *)given, used);
		r->inode = BPF_CORE_READ(inode, i_ino);
		r->device = BPF_CORE_READ(inode, i_sb, s_dev);
		if (marks & FLAG_WATCHED && (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFBLK)
			r->special_device = BPF_CORE_READ(inode, i_rdev);
		used = append_path(&r->path, &file->f_path, used);
	} else {
		used = append_named(s, &r->path, &r->given, directory, given, used);
	}
	submit_scratch(s, &file_ring, used, marks & FLAG_WATCHED);
	return 0;
}

AFTER(openat)
{
	return opened(call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(openat2)
{
	u64 flags = 0; /* the first member of struct open_how */
	bpf_probe_read_user(&flags, sizeof(flags), (void *)call->arguments[2]);
	return opened(call->arguments[0], call->arguments[1], flags, call->result);
}

AFTER(open)
{
	return opened(AT_FDCWD, call->arguments[0], call->arguments[1], call->result);
}

AFTER(creat)
{
	return opened(AT_FDCWD, call->arguments[0], O_CREAT | O_WRONLY | O_TRUNC, call->result);
}

#endif
