/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What a process does again and again is told once and then counted: a million opens of one file are a few events
 * whose counts add up to a million. User space reads the counts here and tells them (Repeats.java).
 */
#ifndef INTERDICT_REPEAT_H
#define INTERDICT_REPEAT_H

#include "core.h"

#define REPEAT_WINDOW 1000000000ULL /* told by itself again after that */
#define NO_SLOT REPEAT_SLOTS

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader sets how many */
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct repeats);
} repeats SEC(".maps");

static __always_inline struct repeats *repeats_here(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&repeats, &cpu);
}

static __always_inline bool folded(u32 kind)
{
	return shared.folded & (1ULL << kind);
}

static __always_inline bool is_same(const struct repeat_key *a, const struct repeat_key *b)
{
	return a->subject[0] == b->subject[0] && a->subject[1] == b->subject[1] && a->pid == b->pid &&
	       a->flags == b->flags && a->result == b->result && a->kind == b->kind && a->port == b->port;
}

static __always_inline u32 slot_of(const struct repeat_key *key)
{
	u64 hash = key->subject[0] ^ (key->subject[1] << 17 | key->subject[1] >> 47);
	hash = (hash ^ (u64)key->pid << 32 ^ key->flags) * 0x9e3779b97f4a7c15ULL;
	hash = (hash ^ hash >> 29 ^ (u64)(u32)key->result << 32 ^ key->kind ^ (u32)key->port << 16) * 0xbf58476d1ce4e5b9ULL;
	return hash >> 40 & (REPEAT_SLOTS - 1);
}

/*
 * True if it has been told within the window, and so was only counted. Otherwise `slot` is where to remember it once it
 * is told, or NO_SLOT. Two slots are looked at; one is free when all that it counted has been told.
 */
static __always_inline bool is_repeated(const struct repeat_key *key, u64 start, u64 now, u32 *slot)
{
	struct repeats *here = repeats_here();
	u32 first = slot_of(key);
	*slot = NO_SLOT;
	if (!here)
		return false;
	for (u32 i = 0; i < 2; i++) {
		struct repeat *r = &here->slots[(first ^ i) & (REPEAT_SLOTS - 1)];
		bool all_told = r->count == *(volatile u64 *)&r->told;
		if (r->version & 1)
			continue; /* interrupted by us */
		if (is_same(&r->key, key) && r->start == start) {
			if (all_told && now - r->since > REPEAT_WINDOW) {
				*slot = first ^ i;
				return false;
			}
			__sync_fetch_and_add(&r->count, 1);
			__sync_fetch_and_add(&counters()->repeated[key->kind & (KINDS - 1)], 1);
			return true;
		}
		if (*slot == NO_SLOT && all_told)
			*slot = first ^ i;
	}
	return false;
}

/* Adds to what went over connections that are only counted. */
static __always_inline void add_bytes(const struct repeat_key *key, u64 sent, u64 received)
{
	struct repeats *here = repeats_here();
	u32 first = slot_of(key);
	for (u32 i = 0; here && i < 2; i++) {
		struct repeat *r = &here->slots[(first ^ i) & (REPEAT_SLOTS - 1)];
		if (is_same(&r->key, key)) {
			__sync_fetch_and_add(&r->sums[0], sent);
			__sync_fetch_and_add(&r->sums[1], received);
			return;
		}
	}
}

/* `record` has been told; its repetitions are told in its words. */
static __always_inline void remember(u32 slot, const struct repeat_key *key, const void *record, u32 size)
{
	struct repeats *here = repeats_here();
	const struct header *header = record;
	if (!here || slot >= REPEAT_SLOTS || size > REPEAT_LIMIT)
		return;
	struct repeat *r = &here->slots[slot & (REPEAT_SLOTS - 1)];
	if (r->version & 1)
		return;
	/* Verifiers before 5.12 lose what they knew of a spilled number, and the compiler must not drop the mask. */
	asm volatile("" : "+r"(size));
	size = ((size - 1) & (REPEAT_LIMIT - 1)) + 1;
	r->version++;
	barrier();
	r->key = *key;
	bpf_probe_read_kernel(&r->start, sizeof(r->start), &header->start);
	bpf_probe_read_kernel(&r->since, sizeof(r->since), &header->time);
	bpf_probe_read_kernel(here->records[slot & (REPEAT_SLOTS - 1)], size, record);
	barrier();
	r->version++;
}

#endif
