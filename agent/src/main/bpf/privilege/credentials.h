/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Who a process is, and what it may. User space knows what it was before. */
#ifndef INTERDICT_CREDENTIALS_H
#define INTERDICT_CREDENTIALS_H

#include "call.h"

#define NO_ID 0xffffffffU

static __always_inline const struct cred *credentials(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, cred);
}

/* A structure of two halves before 6.3, one number since: the same eight bytes. */
#define READ_CAPABILITIES(cred, member)                                               \
	({                                                                            \
		u64 _value = 0;                                                       \
		bpf_core_read(&_value, sizeof(_value), &(cred)->member);              \
		_value;                                                               \
	})

/*
 * numbers: uid and euid, suid and fsuid, gid and egid, sgid and fsgid (the second in the upper half), what was
 * asked for as real and effective id, effective capabilities.
 */
static __always_inline int submit_ids(enum operation operation, u32 real, u32 effective, long result)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_SETUID, operation, result);
	const struct cred *cred = credentials();
	r->numbers[0] = (u64)BPF_CORE_READ(cred, euid.val) << 32 | BPF_CORE_READ(cred, uid.val);
	r->numbers[1] = (u64)BPF_CORE_READ(cred, fsuid.val) << 32 | BPF_CORE_READ(cred, suid.val);
	r->numbers[2] = (u64)BPF_CORE_READ(cred, egid.val) << 32 | BPF_CORE_READ(cred, gid.val);
	r->numbers[3] = (u64)BPF_CORE_READ(cred, fsgid.val) << 32 | BPF_CORE_READ(cred, sgid.val);
	r->numbers[4] = (u64)effective << 32 | real;
	r->numbers[5] = READ_CAPABILITIES(cred, cap_effective);
	return submit_call(s, sizeof(*r));
}

static __noinline int ids_set(enum operation operation, u32 real, u32 effective, long result)
{
	if (!wanted(KIND_SETUID) || !is_telling(KIND_SETUID, result))
		return 0;
	return submit_ids(operation, real, effective, result);
}

/* They return the id before, whatever happens, and refuse in silence. */
static __noinline int file_id_set(enum operation operation, u32 asked, u32 before, u32 after)
{
	if (!wanted(KIND_SETUID))
		return 0;
	if (asked == NO_ID || asked == before) {
		filtered(KIND_SETUID);
		return 0;
	}
	return submit_ids(operation, NO_ID, asked, after == asked ? 0 : -EPERM);
}

/* The 16-bit calls of i386 mean the same as the others with their -1 widened. */
static __always_inline u32 widen(u64 id)
{
	return (u16)id == 0xffff ? NO_ID : (u16)id;
}

#define ARGUMENT(i) ((u32)call->arguments[i])
#define NARROW(i) widen(call->arguments[i])

AFTER(setuid) { return ids_set(OPERATION_setuid, ARGUMENT(0), NO_ID, call->result); }
AFTER(setgid) { return ids_set(OPERATION_setgid, ARGUMENT(0), NO_ID, call->result); }
AFTER(setreuid) { return ids_set(OPERATION_setreuid, ARGUMENT(0), ARGUMENT(1), call->result); }
AFTER(setregid) { return ids_set(OPERATION_setregid, ARGUMENT(0), ARGUMENT(1), call->result); }
AFTER(setresuid) { return ids_set(OPERATION_setresuid, ARGUMENT(0), ARGUMENT(1), call->result); }
AFTER(setresgid) { return ids_set(OPERATION_setresgid, ARGUMENT(0), ARGUMENT(1), call->result); }

AFTER(setfsuid)
{
	return file_id_set(OPERATION_setfsuid, ARGUMENT(0), call->result, BPF_CORE_READ(credentials(), fsuid.val));
}

AFTER(setfsgid)
{
	return file_id_set(OPERATION_setfsgid, ARGUMENT(0), call->result, BPF_CORE_READ(credentials(), fsgid.val));
}

#if defined(__TARGET_ARCH_x86)
AFTER(setuid16) { return ids_set(OPERATION_setuid, NARROW(0), NO_ID, call->result); }
AFTER(setgid16) { return ids_set(OPERATION_setgid, NARROW(0), NO_ID, call->result); }
AFTER(setreuid16) { return ids_set(OPERATION_setreuid, NARROW(0), NARROW(1), call->result); }
AFTER(setregid16) { return ids_set(OPERATION_setregid, NARROW(0), NARROW(1), call->result); }
AFTER(setresuid16) { return ids_set(OPERATION_setresuid, NARROW(0), NARROW(1), call->result); }
AFTER(setresgid16) { return ids_set(OPERATION_setresgid, NARROW(0), NARROW(1), call->result); }

AFTER(setfsuid16)
{
	u32 before = widen(call->result);
	return file_id_set(OPERATION_setfsuid, NARROW(0), before, BPF_CORE_READ(credentials(), fsuid.val));
}

AFTER(setfsgid16)
{
	u32 before = widen(call->result);
	return file_id_set(OPERATION_setfsgid, NARROW(0), before, BPF_CORE_READ(credentials(), fsgid.val));
}
#endif

struct capability_words {
	u32 effective, permitted, inheritable;
};

/* numbers: effective, permitted, inheritable as they are now, or as they were asked for and refused. */
AFTER(capset)
{
	if (!wanted(KIND_CAPSET) || !is_telling(KIND_CAPSET, call->result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_CAPSET, OPERATION_capset, call->result);
	if (call->result < 0) {
		struct capability_words words[2] = {};
		bpf_probe_read_user(words, sizeof(words), (void *)call->arguments[1]);
		r->numbers[0] = (u64)words[1].effective << 32 | words[0].effective;
		r->numbers[1] = (u64)words[1].permitted << 32 | words[0].permitted;
		r->numbers[2] = (u64)words[1].inheritable << 32 | words[0].inheritable;
	} else {
		const struct cred *cred = credentials();
		r->numbers[0] = READ_CAPABILITIES(cred, cap_effective);
		r->numbers[1] = READ_CAPABILITIES(cred, cap_permitted);
		r->numbers[2] = READ_CAPABILITIES(cred, cap_inheritable);
	}
	return submit_call(s, sizeof(*r));
}

#endif
