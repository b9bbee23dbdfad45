/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_WATCH_H
#define INTERDICT_WATCH_H

#include "../descriptor.h"

/*
 * Nearly every file that is opened is not watched, and this has to find out at the cost of a few loads: one bit
 * of a hash of the name, another of the folder's. Watchlist.java sets the bits, with the same hash.
 */

struct name {
	struct dentry *parent;
	u32 hash;
	u32 length;
	const unsigned char *text;
};

static __always_inline void read_name(struct name *name, struct dentry *dentry)
{
	u32 start = bpf_core_field_offset(struct dentry, d_parent);
	/* As it has always been, so that one read is enough; the branch that is not taken is removed when it is loaded. */
	if (!bpf_rdonly_cast && bpf_core_field_offset(struct dentry, d_name) == start + 8 && bpf_core_field_offset(struct qstr, len) == 4 &&
	    bpf_core_field_offset(struct qstr, name) == 8) {
		bpf_probe_read_kernel(name, sizeof(*name), (u8 *)dentry + start);
	} else {
		name->parent = FETCH(struct dentry, dentry, d_parent);
		name->length = FETCH(struct dentry, dentry, d_name.len);
		name->text = FETCH(struct dentry, dentry, d_name.name);
	}
}

/* Its first eight bytes; what it has less is zero. */
static __always_inline u64 beginning(const struct name *name)
{
	u64 first = 0;
	bpf_probe_read_kernel(&first, sizeof(first), name->text);
	return name->length < 8 ? first & ((1ULL << (8 * name->length)) - 1) : first;
}

static __always_inline bool has_bit(const u64 *bits, const struct name *name, u64 first)
{
	u64 hash = ((first ^ ((u64)name->length << 56)) * 0x9e3779b97f4a7c15ULL) >> 52;
	return bits[(hash >> 6) & 63] >> (hash & 63) & 1;
}

/* A disk read past its file system. Looked for in /dev only, as any other open would pay for it. */
static __always_inline bool is_disk(struct file *file, const struct name *folder, u64 first)
{
	const u64 dev = 'd' | 'e' << 8 | 'v' << 16;
	return first == dev && folder->length == 3 && (FETCH(struct file, file, f_inode, i_mode) & S_IFMT) == S_IFBLK;
}

static __always_inline bool maybe_watched(struct file *file)
{
	struct dentry *dentry = FETCH(struct file, file, f_path.dentry);
	struct name leaf, folder;
	read_name(&leaf, dentry);
	if (has_bit(shared.watched_leaves, &leaf, beginning(&leaf)))
		return true;
	read_name(&folder, leaf.parent);
	if (folder.parent == leaf.parent) { /* the root of a mount is called as its mount point */
		struct vfsmount *mnt = FETCH(struct file, file, f_path.mnt);
		struct mount *mount = (void *)((u64)mnt - bpf_core_field_offset(struct mount, mnt));
		read_name(&folder, FETCH(struct mount, mount, mnt_mountpoint));
	}
	u64 first = beginning(&folder);
	return has_bit(shared.watched_folders, &folder, first) || is_disk(file, &folder, first);
}

#endif
