/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the programs inside processes have in common. User space attaches them to each inode of bash, libssl and
 * libpam that it finds, while their kind is asked for. They may be preempted, so the scratch memory of the CPU is
 * not theirs: a record is put together where it is reserved.
 */
#ifndef INTERDICT_UPROBE_H
#define INTERDICT_UPROBE_H

#include "../core.h"

#define HAS_COOKIE bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_attach_cookie)

struct app_event {
	struct app_record record;
	u8 bytes[APP_TEXT];
};

/* What a function was called with, until it returns. */
struct passed {
	u64 first;
	u64 second;
};

struct pending {
	u32 tid;
	u32 function;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct pending);
	__type(value, struct passed);
} pending_calls SEC(".maps");

/* At the entry: whether it is wanted is decided, and counted, when the function returns. */
static __always_inline void keep(u32 kind, u32 function, u64 first, u64 second)
{
	if (!(shared.kinds & (1ULL << kind)))
		return;
	struct pending key = {.tid = (u32)bpf_get_current_pid_tgid(), .function = function};
	struct passed passed = {first, second};
	bpf_map_update_elem(&pending_calls, &key, &passed, BPF_ANY);
}

/* False where the call began before the program was attached. */
static __always_inline bool take(u32 function, struct passed *passed)
{
	struct pending key = {.tid = (u32)bpf_get_current_pid_tgid(), .function = function};
	struct passed *found = bpf_map_lookup_elem(&pending_calls, &key);
	if (!found)
		return false;
	*passed = *found;
	bpf_map_delete_elem(&pending_calls, &key);
	return true;
}

/* Reserved in the ring; null where it was lost, which has been counted. */
static __always_inline struct app_event *begin_app(void *ring, u32 kind, void *ctx)
{
	struct app_event *e = bpf_ringbuf_reserve(ring, sizeof(*e), 0);
	if (!e) {
		lost(kind);
		return NULL;
	}
	__builtin_memset(&e->record, 0, sizeof(e->record));
	identify(&e->record.header, kind);
	e->record.header.size = sizeof(*e);
	if (HAS_COOKIE)
		e->record.image = bpf_get_attach_cookie(ctx);
	return e;
}

static __always_inline void submit_app(void *ring, struct app_event *e, u32 kind)
{
	if (!admitted(&e->record.header, kind == KIND_TLS ? LANE_NETWORK : LANE_PROCESS)) {
		bpf_ringbuf_discard(e, 0);
		return;
	}
	u64 flags = wake_flags(ring, true);
	bpf_ringbuf_submit(e, flags);
	submitted(kind);
	wake(ring, flags, true);
}

/* The final zero is not kept. */
static __always_inline void app_string(struct app_event *e, u32 index, u32 at, u32 room, u64 from)
{
	long n = from ? bpf_probe_read_user_str(e->bytes + at, room, (void *)from) : 0;
	e->record.texts[index].offset = sizeof(e->record) + at;
	e->record.texts[index].length = n > 1 ? n - 1 : 0;
	if (n == (long)room)
		e->record.header.flags |= FLAG_TRUNCATED;
}

#endif
