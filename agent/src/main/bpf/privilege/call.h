/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the records of privilege and escape have in common. */
#ifndef INTERDICT_CALL_H
#define INTERDICT_CALL_H

#include "../descriptor.h"
#include "../syscall.h"

#define AT_FDCWD (-100)
#define SECOND 1000000000ULL

/* Failures other than refusals are mistakes, or questions about what the kernel can do. */
static __always_inline bool is_telling(u32 kind, long result)
{
	if (result >= 0 || is_refusal(result))
		return true;
	filtered(kind);
	return false;
}

static __always_inline struct call_record *begin_call(union scratch *s, u32 kind, enum operation operation, long result)
{
	struct call_record *r = &s->call;
	__builtin_memset(r, 0, sizeof(*r));
	identify(&r->header, kind);
	r->header.result = result < 0 ? result : 0;
	r->operation = operation;
	return r;
}

static __always_inline int submit_call(union scratch *s, u32 used)
{
	submit_scratch(s, &process_ring, used, true);
	return 0;
}

/* A path that was given to a call: texts[i] is where it begins if it is relative, texts[i + 1] what was given. */
static __always_inline u32 append_given(union scratch *s, struct call_record *r, u32 i, s32 directory, const char *given,
					u32 used)
{
	u8 first = 0;
	used = append_user_string(s, &r->texts[i + 1], given, used);
	bpf_probe_read_user(&first, 1, given);
	if (first == '/')
		return used;
	r->paths |= 1 << i;
	if (directory == AT_FDCWD) {
		struct task_struct *task = (void *)bpf_get_current_task();
		struct fs_struct *fs = BPF_CORE_READ(task, fs);
		return append_path(&r->texts[i], &fs->pwd, used);
	}
	struct file *file = file_of(directory);
	return file ? append_path(&r->texts[i], &file->f_path, used) : used;
}

/* Where the file of a descriptor is, as texts[i]. */
static __always_inline u32 append_file(struct call_record *r, u32 i, s32 number, u32 used)
{
	struct file *file = file_of(number);
	if (!file)
		return used;
	r->paths |= 1 << i;
	return append_path(&r->texts[i], &file->f_path, used);
}

/* What was seen lately, for the calls that some programs make all the time. */
struct sighting {
	u64 subject;
	u32 pid;
	u32 what;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct sighting);
	__type(value, u64);
} sightings SEC(".maps");

/* Whether this process did the same to the same within `interval` nanoseconds; then it is filtered. */
static __always_inline bool was_told(u32 kind, u64 subject, u32 what, u64 interval)
{
	struct sighting key = {.subject = subject, .pid = bpf_get_current_pid_tgid() >> 32, .what = kind << 24 | what};
	u64 now = bpf_ktime_get_boot_ns(), *last = bpf_map_lookup_elem(&sightings, &key);
	if (last && now - *last < interval) {
		filtered(kind);
		return true;
	}
	bpf_map_update_elem(&sightings, &key, &now, BPF_ANY);
	return false;
}

#endif
