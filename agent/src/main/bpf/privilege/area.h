/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Which mapping an address of the current process is in. bpf_find_vma came with 5.17, and a program with a
 * callback does not load before 5.13, not even where it is not reached; so the tree is walked here: a red-black one
 * until 6.0, a maple tree since. It is read without its lock: a change at this moment may hide a mapping.
 */
#ifndef INTERDICT_AREA_H
#define INTERDICT_AREA_H

#include "call.h"

#define MAPLE_STEPS 112 /* seven levels of sixteen slots */
#define MAPLE_PIVOTS 15 /* of a range node; an allocation range node has 9 */
#define MAPLE_ALLOCATION_PIVOTS 9
#define MAPLE_LEAF 1
#define MAPLE_ALLOCATION 3
#define RED_BLACK_LEVELS 40

struct area {
	struct file *file; /* null: anonymous, or not found */
	bool own_pages; /* written to and no longer the file's */
};

/* Where a walk stands is kept in the scratch memory, as in path.h: so each round is like the one before to the verifier. */
static __noinline u64 find_in_red_black(u64 root, u64 address)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	volatile struct walk *walk = WALK_OF(s);
	walk->at = root;
	for (int i = 0; i < RED_BLACK_LEVELS; i++) {
		u64 node = walk->at;
		if (!node)
			return 0;
		struct vm_area_struct *area =
			(void *)(node - bpf_core_field_offset(struct vm_area_struct___6_0, vm_rb));
		if (BPF_CORE_READ(area, vm_end) <= address)
			walk->at = (u64)BPF_CORE_READ((struct rb_node *)node, rb_right);
		else if (BPF_CORE_READ(area, vm_start) <= address)
			return (u64)area;
		else
			walk->at = (u64)BPF_CORE_READ((struct rb_node *)node, rb_left);
	}
	return 0;
}

/* One pivot a round: the last address of its slot, and 0 where there is none. */
static __noinline u64 find_in_maple(u64 root, u64 address)
{
	union scratch *s = scratch();
	if (!s || (root & 3) != 2 || root <= 4096) /* a single mapping, or none */
		return 0;
	volatile struct walk *walk = WALK_OF(s);
	walk->at = root;
	walk->used = 0;
	for (int i = 0; i < MAPLE_STEPS; i++) {
		u64 entry = walk->at, slot = walk->used & 15, pivot = 0;
		u64 type = entry >> 3 & 0xf, node = entry & ~0xffULL;
		bool wide = type == MAPLE_ALLOCATION;
		u64 pivots = node + (wide ? bpf_core_field_offset(struct maple_arange_64, pivot) :
					    bpf_core_field_offset(struct maple_range_64, pivot));
		u64 slots = node + (wide ? bpf_core_field_offset(struct maple_arange_64, slot) :
					   bpf_core_field_offset(struct maple_range_64, slot));
		if (slot < (wide ? MAPLE_ALLOCATION_PIVOTS : MAPLE_PIVOTS))
			bpf_probe_read_kernel(&pivot, sizeof(pivot), (void *)(pivots + slot * sizeof(u64)));
		if (pivot && pivot < address) {
			walk->used = slot + 1;
			continue;
		}
		bpf_probe_read_kernel(&entry, sizeof(entry), (void *)(slots + slot * sizeof(u64)));
		if (type <= MAPLE_LEAF)
			return entry;
		walk->at = entry;
		walk->used = 0;
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
