/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Memory that hides a file, that runs what was written into it, or that lets the kernel wait. */
#ifndef INTERDICT_MEMORY_H
#define INTERDICT_MEMORY_H

#include "../app/mapping.h"
#include "area.h"

#define PROT_WRITE 2
#define MINUTE (60 * SECOND)

/* numbers: flags; texts: name. */
static __noinline int memory_made(enum operation operation, u64 name, u32 flags, long result)
{
	if (!wanted(KIND_MEMFD) || !is_telling(KIND_MEMFD, result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_MEMFD, operation, result);
	r->numbers[0] = flags;
	u32 used = sizeof(*r);
	if (name)
		used = append_user_string(s, &r->texts[0], (void *)name, used);
	return submit_call(s, used);
}

AFTER(memfd_create)
{
	return memory_made(OPERATION_memfd_create, call->arguments[0], call->arguments[1], call->result);
}

AFTER(memfd_secret)
{
	return memory_made(OPERATION_memfd_secret, 0, call->arguments[0], call->result);
}

/* numbers: flags. */
AFTER(userfaultfd)
{
	if (!wanted(KIND_USERFAULTFD) || !is_telling(KIND_USERFAULTFD, call->result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_USERFAULTFD, OPERATION_userfaultfd, call->result);
	r->numbers[0] = (u32)call->arguments[0];
	return submit_call(s, sizeof(*r));
}

/*
 * Memory became executable. What it was before is gone by then, but anonymous memory and a private mapping with
 * pages of its own hold what was written; a mapped file without such pages holds what the file does. A compiler
 * at run time does this all the time: once a minute for each address space, and each sort of it, will do.
 * numbers: flags, address, length, protection; texts: path of the mapped file.
 */
static __noinline int made_executable(enum operation operation, u64 address, u64 length, u32 protection, long result)
{
	if (!wanted(KIND_MPROTECT) || !is_telling(KIND_MPROTECT, result))
		return 0;
	struct area area = {};
	find_area(&area, address);
	if (!(protection & PROT_WRITE) && area.file && !area.own_pages) {
		filtered(KIND_MPROTECT);
		return 0;
	}
	struct task_struct *task = (void *)bpf_get_current_task();
	u32 sort = operation << 5 | (protection & 7) << 2 | (area.file != NULL) << 1 | (result < 0);
	if (was_told(KIND_MPROTECT, (u64)BPF_CORE_READ(task, mm), sort, MINUTE))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_MPROTECT, operation, result);
	r->numbers[1] = address;
	r->numbers[2] = length;
	r->numbers[3] = protection;
	u32 used = sizeof(*r);
	if (area.file) {
		r->paths = 1;
		used = append_path(&r->texts[0], &area.file->f_path, used);
	}
	return submit_call(s, used);
}

AFTER(mprotect)
{
	if (!(call->arguments[2] & PROT_EXEC))
		return 0;
	return made_executable(OPERATION_mprotect, call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(pkey_mprotect)
{
	if (!(call->arguments[2] & PROT_EXEC))
		return 0;
	return made_executable(OPERATION_mprotect, call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

static __always_inline int mapped(u64 length, u32 protection, u32 how, u32 descriptor, u64 result)
{
	file_mapped(protection, how, descriptor, result);
	if ((protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC))
		return 0;
	bool failed = result > -4096UL;
	return made_executable(OPERATION_mmap, failed ? 0 : result, length, protection, failed ? (long)result : 0);
}

AFTER(mmap)
{
	return mapped(call->arguments[1], call->arguments[2], call->arguments[3], call->arguments[4], call->result);
}

#if defined(__TARGET_ARCH_x86)
/* i386 only: mmap2, and the first one, whose arguments stand where its first points. */
AFTER(mmap_pgoff)
{
	return mapped(call->arguments[1], call->arguments[2], call->arguments[3], call->arguments[4], call->result);
}

AFTER(ia32_mmap)
{
	u32 arguments[5] = {};
	bpf_probe_read_user(arguments, sizeof(arguments), (void *)call->arguments[0]);
	return mapped(arguments[1], arguments[2], arguments[3], arguments[4], call->result);
}
#endif

#endif
