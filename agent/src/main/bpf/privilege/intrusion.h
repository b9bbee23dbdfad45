/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* One process that reaches into another. */
#ifndef INTERDICT_INTRUSION_H
#define INTERDICT_INTRUSION_H

#include "target.h"

#define PTRACE_TRACEME 0
#define PTRACE_POKETEXT 4
#define PTRACE_POKEDATA 5
#define PTRACE_POKEUSR 6
#define PTRACE_SETREGS 13
#define PTRACE_SETFPREGS 15
#define PTRACE_ATTACH 16
#define PTRACE_SETREGSET 0x4205
#define PTRACE_SEIZE 0x4206

static __always_inline enum operation ptrace_operation(u32 request)
{
	switch (request) {
	case PTRACE_TRACEME:
		return OPERATION_traceme;
	case PTRACE_ATTACH:
		return OPERATION_attach;
	case PTRACE_SEIZE:
		return OPERATION_seize;
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
	case PTRACE_POKEUSR:
		return OPERATION_poke;
	case PTRACE_SETREGS:
	case PTRACE_SETFPREGS:
	case PTRACE_SETREGSET:
		return OPERATION_setregs;
	default:
		return OPERATION_none;
	}
}

/* Who asks to be traced is reached into by its parent. A debugger pokes word by word: once a second will do. */
AFTER(ptrace)
{
	enum operation operation = ptrace_operation(call->arguments[0]);
	if (operation == OPERATION_none || !wanted(KIND_PTRACE) || !is_telling(KIND_PTRACE, call->result))
		return 0;
	if ((operation == OPERATION_poke || operation == OPERATION_setregs) &&
	    was_told(KIND_PTRACE, call->arguments[1], operation, SECOND))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_PTRACE, operation, call->result);
	struct task_struct *task = (void *)bpf_get_current_task();
	aim(r, operation == OPERATION_traceme ? BPF_CORE_READ(task, real_parent) : task_of_number(call->arguments[1]));
	return submit_call(s, sizeof(*r));
}

/* numbers: bytes written. */
AFTER(process_vm_writev)
{
	if (!wanted(KIND_VMWRITE) || !is_telling(KIND_VMWRITE, call->result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_VMWRITE, OPERATION_writev, call->result);
	aim(r, task_of_number(call->arguments[0]));
	if (r->target_pid == r->header.pid) {
		filtered(KIND_VMWRITE);
		return 0;
	}
	r->numbers[0] = call->result < 0 ? 0 : call->result;
	return submit_call(s, sizeof(*r));
}

#endif
