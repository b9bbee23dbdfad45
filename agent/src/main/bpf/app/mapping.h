/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Executable files that get mapped, so that user space may look at each inode once and attach to what is of
 * interest. Asked for only while a kind is that needs it.
 */
#ifndef INTERDICT_MAPPING_H
#define INTERDICT_MAPPING_H

#include "../descriptor.h"

#define PROT_EXEC 4
#define MAP_ANONYMOUS 0x20

struct image {
	u64 inode;
	u32 device;
	u32 reserved;
};

/* Those that user space has looked at; it alone writes here. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct image);
	__type(value, u32);
} known_images SEC(".maps");

/* After mmap(2). */
static __noinline int file_mapped(u32 protection, u32 how, u32 descriptor, u64 result)
{
	if (!(protection & PROT_EXEC) || how & MAP_ANONYMOUS || result > -4096UL || !wanted(KIND_MAPPING))
		return 0;
	struct file *file = file_of(descriptor);
	struct inode *inode = file ? BPF_CORE_READ(file, f_inode) : NULL;
	if (!inode) {
		filtered(KIND_MAPPING);
		return 0;
	}
	struct image image = {.inode = BPF_CORE_READ(inode, i_ino), .device = BPF_CORE_READ(inode, i_sb, s_dev)};
	if (bpf_map_lookup_elem(&known_images, &image)) {
		filtered(KIND_MAPPING);
		return 0;
	}
	u64 flags = wake_flags(&process_ring, true);
	struct mapping_record *r = bpf_ringbuf_reserve(&process_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_MAPPING);
		return 0;
	}
	identify(&r->header, KIND_MAPPING);
	r->header.size = sizeof(*r);
	r->inode = image.inode;
	r->device = image.device;
	r->reserved = 0;
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_MAPPING);
	wake(&process_ring, flags, true);
	return 0;
}

#endif
