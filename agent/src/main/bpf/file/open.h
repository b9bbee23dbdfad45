/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_OPEN_H
#define INTERDICT_OPEN_H

#include "../repeat.h"
#include "change.h"
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
	if ((FETCH(struct inode, inode, i_mode) & S_IFMT) != S_IFCHR)
		return false;
	u32 device = FETCH(struct inode, inode, i_rdev);
	return is_null_device(device) || is_terminal(device);
}

#define NAME_HASHED 64

/* Who opened what and how. False if it cannot be told apart from others by that. */
static __always_inline bool opened_as(struct repeat_key *key, struct inode *inode, u64 given, u32 flags, u16 marks,
				      const struct header *who, long result)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->kind = KIND_OPEN;
	key->pid = bpf_get_current_pid_tgid() >> 32;
	key->flags = flags;
	key->port = who ? marks | FLAG_RING : marks;
	if (inode) {
		key->subject[0] = FETCH(struct inode, inode, i_ino);
		key->subject[1] = FETCH(struct inode, inode, i_sb, s_dev);
		return true;
	}
	key->result = result;
	if (marks & FLAG_HANDLE)
		return true;
	u64 name[NAME_HASHED / 8] = {};
	long length = who ? bpf_probe_read_kernel_str(name, sizeof(name), (void *)given) :
			    bpf_probe_read_user_str(name, sizeof(name), (void *)given);
	if (length <= 0 || length == sizeof(name))
		return false;
	for (u32 i = 0; i < NAME_HASHED / 8; i++) {
		key->subject[0] = (key->subject[0] ^ name[i]) * 0x9e3779b97f4a7c15ULL;
		key->subject[1] = (key->subject[1] << 23 | key->subject[1] >> 41) + name[i] * 0xbf58476d1ce4e5b9ULL;
	}
	return true;
}

/* After open(2) and its kin: what was opened is known, through every link. */
static __noinline int opened(const struct change *c, const struct header *who, long result)
{
	u32 flags = c->flags;
	struct file *file = NULL;
	struct inode *inode = NULL;
	struct repeat_key key = {};
	u32 slot = NO_SLOT;
	u16 marks = c->by_handle ? FLAG_HANDLE : 0;
	if (!wanted(KIND_OPEN))
		return 0;
	if (result >= 0 && !c->unseen && runs(who)) {
		file = file_of(result);
		if (!file) { /* another thread has closed it already */
			lost(KIND_OPEN);
			return 0;
		}
		if (flags & O_PATH && !c->by_handle) {
			filtered(KIND_OPEN);
			return 0;
		}
		if (flags & O_CREAT && FETCH(struct file, file, f_mode) & FMODE_CREATED)
			marks |= FLAG_CREATED;
		if (maybe_watched(file))
			marks |= FLAG_WATCHED;
		if (flags & O_ACCMODE)
			marks |= FLAG_WRITE;
		else if (!marks) {
			filtered(KIND_OPEN);
			return 0;
		}
		inode = FETCH(struct file, file, f_inode);
		if (!(marks & FLAG_WATCHED) && is_noise(inode)) {
			filtered(KIND_OPEN);
			return 0;
		}
	} else if (result >= 0 || is_denied(result)) { /* user space looks at the name */
		marks |= (c->by_handle ? 0 : FLAG_WATCHED) | (flags & O_ACCMODE ? FLAG_WRITE : 0);
	} else {
		filtered(KIND_OPEN);
		return 0;
	}
	bool folds = folded(KIND_OPEN) && runs(who) && opened_as(&key, inode, c->name, flags, marks, who, result);
	if (folds && is_repeated(&key, current_start(), bpf_ktime_get_boot_ns(), &slot))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct file_record *r = &s->file;
	u32 used = sizeof(*r);
	__builtin_memset(r, 0, sizeof(*r));
	identify_caller(&r->header, KIND_OPEN, who);
	r->header.flags |= marks;
	r->header.result = result < 0 ? result : 0;
	r->flags = flags;
	if (file) {
		used = who ? append_kernel_string(s, &r->given, (void *)c->name, used) :
			     append_user_string(s, &r->given, (void *)c->name, used);
		r->inode = FETCH(struct inode, inode, i_ino);
		r->device = FETCH(struct inode, inode, i_sb, s_dev);
		if (marks & FLAG_WATCHED && (FETCH(struct inode, inode, i_mode) & S_IFMT) == S_IFBLK)
			r->special_device = FETCH(struct inode, inode, i_rdev);
		used = append_path(&r->path, &file->f_path, used);
	} else {
		used = append_named(s, &r->path, &r->given, c->directory, c->name, who, used);
	}
	if (submit_scratch(s, &file_ring, used, marks & FLAG_WATCHED) && folds)
		remember(slot, &key, r, r->header.size);
	return 0;
}

static __always_inline int opened_by_call(s32 directory, u64 name, u32 flags, long result)
{
	struct change c = {.kind = KIND_OPEN, .directory = directory, .name = name, .flags = flags};
	return opened(&c, NULL, result);
}

AFTER(openat)
{
	return opened_by_call(call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(openat2)
{
	u64 flags = 0; /* the first member of struct open_how */
	bpf_probe_read_user(&flags, sizeof(flags), (void *)call->arguments[2]);
	return opened_by_call(call->arguments[0], call->arguments[1], flags, call->result);
}

/* Of a mount as a whole, so that it leads out of a container's root; root alone may, and little else does. */
AFTER(open_by_handle_at)
{
	struct change c = {.kind = KIND_OPEN, .flags = call->arguments[2], .by_handle = true};
	return opened(&c, NULL, call->result);
}

AFTER(open)
{
	return opened_by_call(AT_FDCWD, call->arguments[0], call->arguments[1], call->result);
}

AFTER(creat)
{
	return opened_by_call(AT_FDCWD, call->arguments[0], O_CREAT | O_WRONLY | O_TRUNC, call->result);
}

#endif
