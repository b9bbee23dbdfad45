/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Which mapping an address of the current process is in. bpf_find_vma came with 5.17, and a program with a
 * callback does not load before 5.13, not even where it is not reached; so the tree is walked here: a red-black one
 * until 6.0, a maple tree since. It is read without its lock: a change at this moment may hide a mapping.
 */
#ifndef INTERDICT_AREA_H
#define INTERDICT_AREA_H

#include "call.h"

#define MAPLE_LEVELS 12
#define MAPLE_PIVOTS 15 /* of a range node; an allocation range node has 9 */
#define MAPLE_ALLOCATION_PIVOTS 9
#define MAPLE_LEAF 1
#define MAPLE_ALLOCATION 3
#define RED_BLACK_LEVELS 40

struct area {
	struct file *file; /* null: anonymous, or not found */
	bool own_pages; /* written to and no longer the file's */
};

static __noinline u64 find_in_red_black(u64 root, u64 address)
{
	u64 node = root, found = 0;
	for (int i = 0; i < RED_BLACK_LEVELS && node; i++) {
		struct vm_area_struct *area =
			(void *)(node - bpf_core_field_offset(struct vm_area_struct___6_0, vm_rb));
		if (BPF_CORE_READ(area, vm_end) > address) {
			found = BPF_CORE_READ(area, vm_start) <= address ? (u64)area : 0;
			if (found)
				return found;
			node = (u64)BPF_CORE_READ((struct rb_node *)node, rb_left);
		} else {
			node = (u64)BPF_CORE_READ((struct rb_node *)node, rb_right);
		}
	}
	return 0;
}

static __noinline u64 find_in_maple(u64 root, u64 address)
{
	u64 entry = root;
	if ((entry & 3) != 2 || entry <= 4096) /* a single mapping, or none */
		return 0;
	for (int level = 0; level < MAPLE_LEVELS; level++) {
		u64 pivots[MAPLE_PIVOTS] = {}, slot = 0;
		u32 type = entry >> 3 & 0xf, slots;
		void *node = (void *)(entry & ~0xffULL);
		if (type == MAPLE_ALLOCATION) {
			bpf_probe_read_kernel(pivots, MAPLE_ALLOCATION_PIVOTS * sizeof(u64),
					      node + bpf_core_field_offset(struct maple_arange_64, pivot));
			slots = bpf_core_field_offset(struct maple_arange_64, slot);
		} else {
			bpf_probe_read_kernel(pivots, sizeof(pivots),
					      node + bpf_core_field_offset(struct maple_range_64, pivot));
			slots = bpf_core_field_offset(struct maple_range_64, slot);
		}
		/*
		 * A pivot is the last address of its slot, and 0 where there is none. Counted in pages and without a
		 * branch, of which the verifier would follow every combination.
		 */
#pragma unroll
		for (int i = 0; i < MAPLE_PIVOTS; i++)
			slot += (((pivots[i] - 1) >> 12) - (address >> 12)) >> 63;
		bpf_probe_read_kernel(&entry, sizeof(entry), node + slots + slot * sizeof(u64));
		if (type <= MAPLE_LEAF)
			return entry;
	}
	return 0;
}

static __always_inline void find_area(struct area *area, u64 address)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct vm_area_struct *found;
	if (bpf_core_field_exists(mm->mm_mt))
		found = (void *)find_in_maple((u64)BPF_CORE_READ(mm, mm_mt.ma_root), address);
	else
		found = (void *)find_in_red_black((u64)BPF_CORE_READ((struct mm_struct___6_0 *)mm, mm_rb.rb_node), address);
	if (!found)
		return;
	area->file = BPF_CORE_READ(found, vm_file);
	area->own_pages = BPF_CORE_READ(found, anon_vma) != NULL;
}

#endif
