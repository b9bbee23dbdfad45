/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What only system calls show. Where no program may be attached to the kernel's functions, one at the exit of all
 * calls: measured, it costs each call as much as one classic tracepoint for a single call does (about 30 ns: the
 * kernel leaves its fast path for either), needs no tracefs, and has the arguments, the result and the opened
 * file at once, so that nothing has to be kept from the entry. It hands the calls that are wanted on to a program
 * of their own; programs.c says which, and variants.c where they are attached.
 */
#ifndef INTERDICT_SYSCALL_H
#define INTERDICT_SYSCALL_H

#include <asm/errno.h>
#include "core.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, CALL_LIMIT);
	__type(key, u32);
	__type(value, u32);
} native_calls SEC(".maps"), compat_calls SEC(".maps");

/* A system call that has been made. */
struct call {
	u64 arguments[6];
	long result;
};

static __always_inline bool is_refusal(long result)
{
	return result == -EPERM || result == -EACCES;
}

/* `who` has asked for it through a ring and need not be running any more; null: who runs has made the call. */
static __always_inline void identify_caller(struct header *header, u32 kind, const struct header *who)
{
	if (!who) {
		identify(header, kind);
		return;
	}
	*header = *who;
	header->time = bpf_ktime_get_boot_ns(); /* now: the reader merges by it */
	header->count = 0;
	header->kind = kind;
	header->flags = FLAG_RING;
	header->result = 0;
}

/* Whether descriptors and the working directory are those of the caller. */
static __always_inline bool runs(const struct header *who)
{
	return !who || who->pid == (u32)(bpf_get_current_pid_tgid() >> 32);
}

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 2
#define X32_BIT 0x40000000

static __always_inline u32 call_number(const struct pt_regs *regs)
{
	return regs->orig_ax & ~X32_BIT;
}

/* Any process may make 32-bit calls (int 0x80), whose numbers and registers are others. */
static __always_inline bool is_compat(void)
{
	if (HAS_TASK_BTF)
		return bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
	struct task_struct *task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline void read_call(struct call *call, const struct pt_regs *regs, long result)
{
	call->result = result;
	if (is_compat()) {
		call->arguments[0] = (u32)regs->bx;
		call->arguments[1] = (u32)regs->cx;
		call->arguments[2] = (u32)regs->dx;
		call->arguments[3] = (u32)regs->si;
		call->arguments[4] = (u32)regs->di;
		call->arguments[5] = (u32)regs->bp;
	} else {
		call->arguments[0] = regs->di;
		call->arguments[1] = regs->si;
		call->arguments[2] = regs->dx;
		call->arguments[3] = regs->r10;
		call->arguments[4] = regs->r8;
		call->arguments[5] = regs->r9;
	}
}
#elif defined(__TARGET_ARCH_arm64)
static __always_inline u32 call_number(const struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline bool is_compat(void)
{
	return false;
}

static __always_inline void read_call(struct call *call, const struct pt_regs *regs, long result)
{
	call->result = result;
	call->arguments[0] = regs->orig_x0;
	for (int i = 1; i < 6; i++)
		call->arguments[i] = regs->regs[i];
}
#endif

/*
 * At the end of the kernel's function for one call, where the kernel lets programs be attached to functions
 * (fexit): its argument is the same struct pt_regs. Only who makes the call pays for it then.
 */
#define AT_THE_END(symbol, name)                                                            \
	SEC("?fexit")                                                                       \
	int BPF_PROG(symbol, struct pt_regs *regs, long result)                             \
	{                                                                                   \
		struct call call;                                                           \
		u32 *held = hold_scratch();                                                 \
		if (!held) {                                                                \
			lost(KIND_UNKNOWN);                                                 \
			return 0;                                                           \
		}                                                                           \
		read_call(&call, regs, result);                                             \
		after_##name(&call);                                                        \
		*held = 0;                                                                  \
		return 0;                                                                   \
	}

/*
 * The programs that look at one system call after it was made; their body follows. `name` is that of the kernel's
 * function. The loader takes those at its end, of the 64-bit and the 32-bit call, or the one that is handed on to.
 */
#define AFTER(name)                                                                         \
	static __noinline int after_##name(const struct call *call);                        \
	SEC("tp_btf/sys_exit")                                                              \
	int BPF_PROG(call_##name, struct pt_regs *regs, long result)                        \
	{                                                                                   \
		struct call call;                                                           \
		read_call(&call, regs, result);                                             \
		return after_##name(&call);                                                 \
	}                                                                                   \
	AT_THE_END(exit_##name, name)                                                       \
	AT_THE_END(exit32_##name, name)                                                     \
	static __noinline int after_##name(const struct call *call)

SEC("tp_btf/sys_exit")
int BPF_PROG(on_syscall, struct pt_regs *regs, long result)
{
	u32 number = call_number(regs);
	if (number >= CALL_LIMIT)
		return 0;
	u64 bit = 1ULL << (number & 63);
	u64 native = shared.calls[0][number >> 6] & bit, compat = shared.calls[1][number >> 6] & bit;
	if (!(native | compat))
		return 0;
	if (is_compat()) {
		if (compat)
			bpf_tail_call(ctx, &compat_calls, number);
	} else if (native) {
		bpf_tail_call(ctx, &native_calls, number);
	}
	return 0;
}

#endif
