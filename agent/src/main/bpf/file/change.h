/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What all calls that change a file, other than by opening it, have in common. */
#ifndef INTERDICT_CHANGE_H
#define INTERDICT_CHANGE_H

#include "name.h"

#define S_IFLNK 0120000
#define S_IFDIR 0040000
#define S_ISUID 04000
#define S_ISGID 02000

struct change {
	u32 kind;
	s32 directory; /* that the name begins at; without a name, the file itself */
	u64 name;
	u64 target;
	s32 target_directory;
	u32 flags;
	u32 mode; /* S_IFLNK: the target is the text of a symbolic link */
	u32 owner;
	u32 group;
	u32 special_device;
	u64 length;
	bool by_handle; /* without a name: whatever may be opened so lies beyond any root directory */
	bool unseen; /* the result is not known, or does not lead to the file */
};

/* Memory with a descriptor, and files that are gone already. */
static __always_inline bool is_nameless(struct inode *inode)
{
	return FETCH(struct inode, inode, i_nlink) == 0;
}

/* `who` has asked through a ring: the names are in the kernel then. */
static __noinline int changed(const struct change *c, const struct header *who, long result)
{
	u32 kind = c->kind & (KINDS - 1);
	struct file *file = NULL;
	struct inode *inode = NULL;
	if (!wanted(kind))
		return 0;
	if (result < 0 && !is_denied(result)) {
		filtered(kind);
		return 0;
	}
	if (!c->name) {
		file = file_of(c->directory);
		if (!file) { /* another thread has closed it already */
			lost(kind);
			return 0;
		}
		inode = FETCH(struct file, file, f_inode);
		if (is_nameless(inode)) {
			filtered(kind);
			return 0;
		}
	}
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct file_record *r = &s->file;
	u32 used = sizeof(*r);
	__builtin_memset(r, 0, sizeof(*r));
	identify_caller(&r->header, kind, who);
	r->header.result = result < 0 ? result : 0;
	r->flags = c->flags;
	r->mode = c->mode;
	r->owner = c->owner;
	r->group = c->group;
	r->special_device = c->special_device;
	r->length = c->length;
	if (file) {
		r->inode = FETCH(struct inode, inode, i_ino);
		r->device = FETCH(struct inode, inode, i_sb, s_dev);
		if (kind == KIND_CHMOD)
			r->mode |= FETCH(struct inode, inode, i_mode) & S_IFMT;
		used = append_path(&r->path, &file->f_path, used);
	} else {
		used = append_named(s, &r->path, &r->given, c->directory, c->name, who, used);
	}
	if (c->target && c->mode == S_IFLNK)
		used = who ? append_kernel_string(s, &r->target_given, (void *)c->target, used) :
				append_user_string(s, &r->target_given, (void *)c->target, used);
	else if (c->target)
		used = append_named(s, &r->target, &r->target_given, c->target_directory, c->target, who, used);
	if (used > STRINGS_LIMIT)
		r->header.flags |= FLAG_TRUNCATED;
	submit_scratch(s, &file_ring, used, kind == KIND_CHMOD && c->mode & (S_ISUID | S_ISGID));
	return 0;
}

#endif
