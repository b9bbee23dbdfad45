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

SEC("tp_btf/sys_exit")
int BPF_PROG(on_syscall, struct pt_regs *regs, long result)
{
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
