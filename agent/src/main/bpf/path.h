/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Strings of variable length, collected in the scratch memory behind the fixed fields of a record. */
#ifndef INTERDICT_PATH_H
#define INTERDICT_PATH_H

#include "core.h"

#define NAME_SIZE 256 /* NAME_MAX and its zero */
#define PATH_COMPONENTS 96
#define STRINGS_LIMIT (RECORD_LIMIT - 4096 - 1)

/*
 * The verifier forgets what it knew of an offset that comes back from a call or was spilled: the mask teaches it again,
 * and the compiler, which remembers, must not drop it.
 */
static __always_inline u8 *at(union scratch *scratch, u32 used)
{
	asm volatile("" : "+r"(used));
	return scratch->bytes + (used & (RECORD_LIMIT - 1));
}

/*
 * Where a walk stands. Kept in the scratch memory, of whose contents the verifier knows nothing: so it finds
 * every round of the loop like the one before, and does not follow all that could have led there.
 */
struct walk {
	u64 at;
	u64 mount;
	u32 used;
};

#define WALK_OF(scratch) ((volatile struct walk *)((scratch)->bytes + sizeof((scratch)->bytes) - 32))

/*
 * Appends the components of a path, leaf first, and returns the new end. Mount points are crossed, up to the
 * root of the mount namespace: no chroot hides where a file is. Not inlined and without pointer arguments, so
 * that the verifier looks at it once and not once per caller. It stops at a name that cannot be read.
 */
__noinline u32 append_components(u64 dentry_address, u64 mount_address, u32 used)
{
	union scratch *s = scratch();
	if (!s)
		return used;
	volatile struct walk *walk = WALK_OF(s);
	walk->at = dentry_address;
	walk->mount = mount_address - bpf_core_field_offset(struct mount, mnt);
	walk->used = used;
	for (int i = 0; i < PATH_COMPONENTS; i++) {
		struct dentry *dentry = (void *)walk->at;
		struct mount *mount = (void *)walk->mount;
		u32 end = walk->used;
		if (end > STRINGS_LIMIT)
			break;
		if (dentry == FETCH(struct mount, mount, mnt.mnt_root)) {
			struct mount *above = FETCH(struct mount, mount, mnt_parent);
			if (above == mount)
				break;
			walk->at = (u64)FETCH(struct mount, mount, mnt_mountpoint);
			walk->mount = (u64)above;
			continue;
		}
		long n = bpf_probe_read_kernel_str(at(s, end), NAME_SIZE, FETCH(struct dentry, dentry, d_name.name));
		struct dentry *parent = FETCH(struct dentry, dentry, d_parent);
		if (n < 0)
			break;
		walk->used = end + n;
		if (parent == dentry) /* of a pseudo file system: memfd, pipe */
			break;
		walk->at = (u64)parent;
	}
	return walk->used;
}

/* The path of a cgroup in the v2 hierarchy, likewise. */
__noinline u32 append_cgroup(u64 node_address, u32 used)
{
	union scratch *s = scratch();
	struct kernfs_node *node = (void *)node_address;
	if (!s)
		return used;
	for (int i = 0; i < 24 && node && used <= STRINGS_LIMIT; i++) {
		struct kernfs_node *above;
		if (bpf_core_field_exists(node->__parent))
			above = FETCH(struct kernfs_node, node, __parent);
		else
			above = BPF_CORE_READ((struct kernfs_node___5_8 *)node, parent);
		if (!above)
			return used;
		long n = bpf_probe_read_kernel_str(at(s, used), NAME_SIZE, FETCH(struct kernfs_node, node, name));
		if (n < 0)
			return used;
		used += n;
		node = above;
	}
	return used;
}

static __always_inline u32 append_path(struct span *span, struct path *path, u32 used)
{
	u32 end = append_components((u64)BPF_CORE_READ(path, dentry), (u64)BPF_CORE_READ(path, mnt), used);
	span->offset = used;
	span->length = end - used;
	return end;
}

/* The final zero is not kept. */
static __always_inline u32 append_kernel_string(union scratch *s, struct span *span, const char *from, u32 used)
{
	span->offset = used;
	span->length = 0;
	if (used > STRINGS_LIMIT)
		return used;
	long n = bpf_probe_read_kernel_str(at(s, used), 4096, from);
	if (n > 1) {
		span->length = n - 1;
		used += n - 1;
	}
	return used;
}

static __always_inline u32 append_user_string(union scratch *s, struct span *span, const char *from, u32 used)
{
	span->offset = used;
	span->length = 0;
	if (used > STRINGS_LIMIT)
		return used;
	long n = bpf_probe_read_user_str(at(s, used), 4096, from);
	if (n > 1) {
		span->length = n - 1;
		used += n - 1;
	}
	return used;
}

static __always_inline u32 lane_of(const void *ring)
{
	return ring == (void *)&process_ring ? LANE_PROCESS : ring == (void *)&network_ring ? LANE_NETWORK : LANE_FILE;
}

/* The scratch memory up to `used` becomes a record of the ring; false if it does not. */
static __always_inline bool submit_scratch(union scratch *s, void *ring, u32 used, bool urgent)
{
	struct header *header = (void *)s->bytes;
	u32 size = (used + 7) & ~7U;
	u32 kind = header->kind & (KINDS - 1);
	if (size > RECORD_LIMIT) {
		lost(kind);
		return false;
	}
	if (!admitted(header, lane_of(ring)))
		return false;
	header->size = size;
	u64 flags = wake_flags(ring, urgent);
	if (bpf_ringbuf_output(ring, s->bytes, size, flags)) {
		lost(kind);
		return false;
	}
	submitted(kind);
	wake(ring, flags, urgent);
	return true;
}

#endif
