/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What only system calls show where neither LSM nor fentry hooks may be used. One program at the exit of all of
 * them: measured, it costs each call as much as one classic tracepoint for a single call does (about 30 ns: the
 * kernel leaves its fast path for either), needs no tracefs, and has the arguments, the result and the opened
 * file at once, so that nothing has to be kept from the entry.
 */
#ifndef INTERDICT_SYSCALL_H
#define INTERDICT_SYSCALL_H

#include <asm/unistd.h>
#include "file/open.h"
#include "network/accept.h"
#include "process/dup.h"

#if defined(__TARGET_ARCH_x86)
#define SYSCALL(regs) ((regs)->orig_ax)
#define FIRST(regs) ((regs)->di)
#define SECOND(regs) ((regs)->si)
#define THIRD(regs) ((regs)->dx)
#elif defined(__TARGET_ARCH_arm64)
#define SYSCALL(regs) ((regs)->syscallno)
#define FIRST(regs) ((regs)->orig_x0)
#define SECOND(regs) ((regs)->regs[1])
#define THIRD(regs) ((regs)->regs[2])
#endif

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 2

/* Any process may make 32-bit calls (int 0x80), whose numbers and registers are others. */
static __always_inline bool is_compat(void)
{
	if (HAS_TASK_BTF)
		return bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
	struct task_struct *task = (void *)bpf_get_current_task();
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __noinline int on_compat_syscall(struct pt_regs *regs, long result)
{
	const char *first = (const char *)(u64)(u32)regs->bx, *second = (const char *)(u64)(u32)regs->cx;
	switch (regs->orig_ax) {
	case 5: /* open */
		return opened(first, (u32)regs->cx, result);
	case 8: /* creat */
		return opened(first, O_CREAT | O_WRONLY | O_TRUNC, result);
	case 295: /* openat */
		return opened(second, (u32)regs->dx, result);
	case 437: { /* openat2 */
		u64 flags = 0;
		bpf_probe_read_user(&flags, sizeof(flags), (void *)(u64)(u32)regs->dx);
		return opened(second, flags, result);
	}
	case 41: /* dup */
	case 63: /* dup2 */
	case 330: /* dup3 */
		return duplicated((u32)regs->bx, result);
	case 55: /* fcntl */
	case 221: /* fcntl64 */
		if ((u32)regs->cx == F_DUPFD || (u32)regs->cx == F_DUPFD_CLOEXEC)
			return duplicated((u32)regs->bx, result);
		return 0;
	case 102: /* socketcall */
		if ((u32)regs->bx == 5 || (u32)regs->bx == 18) /* SYS_ACCEPT, SYS_ACCEPT4 */
			return accepted(result);
		return 0;
	case 364: /* accept4 */
		return accepted(result);
	}
	return 0;
}
#else
static __always_inline bool is_compat(void)
{
	return false;
}

static __always_inline int on_compat_syscall(struct pt_regs *regs, long result)
{
	return 0;
}
#endif

SEC("tp_btf/sys_exit")
int BPF_PROG(on_syscall, struct pt_regs *regs, long result)
{
	if (is_compat())
		return on_compat_syscall(regs, result);
	switch (SYSCALL(regs)) {
	case __NR_openat:
		return opened((const char *)SECOND(regs), THIRD(regs), result);
	case __NR_openat2: {
		u64 flags = 0; /* the first member of struct open_how */
		bpf_probe_read_user(&flags, sizeof(flags), (void *)THIRD(regs));
		return opened((const char *)SECOND(regs), flags, result);
	}
#ifdef __NR_open
	case __NR_open:
		return opened((const char *)FIRST(regs), SECOND(regs), result);
	case __NR_creat:
		return opened((const char *)FIRST(regs), O_CREAT | O_WRONLY | O_TRUNC, result);
	case __NR_dup2:
		return duplicated(FIRST(regs), result);
#endif
	case __NR_dup:
	case __NR_dup3:
		return duplicated(FIRST(regs), result);
	case __NR_fcntl:
		if (SECOND(regs) == F_DUPFD || SECOND(regs) == F_DUPFD_CLOEXEC)
			return duplicated(FIRST(regs), result);
		return 0;
	case __NR_accept:
	case __NR_accept4:
		return accepted(result);
	}
	return 0;
}

#endif
