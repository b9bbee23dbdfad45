/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What would run in the kernel, or instead of it. Modules and kexec are reported however they end: an attempt that
 * fails is as telling. numbers: flags; texts: name, path, parameters.
 */
#ifndef INTERDICT_KERNEL_CODE_H
#define INTERDICT_KERNEL_CODE_H

#include "call.h"

#define CODE_NAME 0
#define CODE_PATH 1
#define CODE_PARAMETERS 2

AFTER(init_module)
{
	union scratch *s = scratch();
	if (!s || !wanted(KIND_MODULE))
		return 0;
	struct call_record *r = begin_call(s, KIND_MODULE, OPERATION_init_module, call->result);
	return submit_call(s, append_user_string(s, &r->texts[CODE_PARAMETERS], (void *)call->arguments[2], sizeof(*r)));
}

AFTER(finit_module)
{
	union scratch *s = scratch();
	if (!s || !wanted(KIND_MODULE))
		return 0;
	struct call_record *r = begin_call(s, KIND_MODULE, OPERATION_finit_module, call->result);
	r->numbers[0] = (u32)call->arguments[2];
	u32 used = append_user_string(s, &r->texts[CODE_PARAMETERS], (void *)call->arguments[1], sizeof(*r));
	return submit_call(s, append_file(r, CODE_PATH, call->arguments[0], used));
}

AFTER(delete_module)
{
	union scratch *s = scratch();
	if (!s || !wanted(KIND_MODULE))
		return 0;
	struct call_record *r = begin_call(s, KIND_MODULE, OPERATION_delete_module, call->result);
	r->numbers[0] = (u32)call->arguments[1];
	return submit_call(s, append_user_string(s, &r->texts[CODE_NAME], (void *)call->arguments[0], sizeof(*r)));
}

AFTER(kexec_load)
{
	union scratch *s = scratch();
	if (!s || !wanted(KIND_KEXEC))
		return 0;
	struct call_record *r = begin_call(s, KIND_KEXEC, OPERATION_kexec_load, call->result);
	r->numbers[0] = call->arguments[3];
	return submit_call(s, sizeof(*r));
}

AFTER(kexec_file_load)
{
	union scratch *s = scratch();
	if (!s || !wanted(KIND_KEXEC))
		return 0;
	struct call_record *r = begin_call(s, KIND_KEXEC, OPERATION_kexec_file_load, call->result);
	r->numbers[0] = call->arguments[4];
	u32 used = append_user_string(s, &r->texts[CODE_PARAMETERS], (void *)call->arguments[3], sizeof(*r));
	return submit_call(s, append_file(r, CODE_PATH, call->arguments[0], used));
}

#define BPF_COMMAND_LOAD 5
#define BPF_COMMAND_DETACH 9
#define BPF_COMMAND_LINK_DETACH 34

/* The beginning of union bpf_attr, whose length differs: type, descriptors, and for a load what follows. */
struct bpf_attributes {
	u32 words[11];
	u32 flags;
	char name[16];
};
_Static_assert(__builtin_offsetof(union bpf_attr, prog_flags) == __builtin_offsetof(struct bpf_attributes, flags), "flags");
_Static_assert(__builtin_offsetof(union bpf_attr, prog_name) == __builtin_offsetof(struct bpf_attributes, name), "name");
_Static_assert(__builtin_offsetof(union bpf_attr, attach_bpf_fd) == 4, "descriptor");

/* Null where the descriptor is none of what was expected. */
static __always_inline struct bpf_prog *program_of_link(u32 number)
{
	struct file *file = file_of(number);
	struct bpf_link *link = file ? BPF_CORE_READ(file, private_data) : NULL;
	return link ? BPF_CORE_READ(link, prog) : NULL;
}

static __always_inline struct bpf_prog *program_of_descriptor(u32 number)
{
	struct file *file = file_of(number);
	return file ? BPF_CORE_READ(file, private_data) : NULL;
}

/* numbers: flags, type of the program, its id if it was loaded before; texts: name. */
AFTER(bpf)
{
	struct bpf_attributes attributes = {};
	u32 command = call->arguments[0];
	if (command != BPF_COMMAND_LOAD && command != BPF_COMMAND_DETACH && command != BPF_COMMAND_LINK_DETACH)
		return 0;
	if (!wanted(KIND_BPF) || !is_telling(KIND_BPF, call->result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	bpf_probe_read_user(&attributes, sizeof(attributes), (void *)call->arguments[1]);
	enum operation operation = command == BPF_COMMAND_LOAD	 ? OPERATION_prog_load :
				   command == BPF_COMMAND_DETACH ? OPERATION_prog_detach :
								   OPERATION_link_detach;
	struct call_record *r = begin_call(s, KIND_BPF, operation, call->result);
	struct bpf_prog *program = NULL;
	u32 used = sizeof(*r);
	if (command == BPF_COMMAND_LOAD) {
		r->numbers[0] = attributes.flags;
		r->numbers[1] = attributes.words[0];
		if (call->arguments[2] >= sizeof(attributes))
			used = append_kernel_string(s, &r->texts[CODE_NAME], attributes.name, used);
		if (call->result >= 0)
			program = program_of_descriptor(call->result);
	} else if (command == BPF_COMMAND_DETACH) {
		program = program_of_descriptor(attributes.words[1]);
	} else {
		program = program_of_link(attributes.words[0]);
	}
	if (program) {
		r->numbers[1] = BPF_CORE_READ(program, type);
		struct bpf_prog_aux *aux = BPF_CORE_READ(program, aux);
		r->numbers[2] = BPF_CORE_READ(aux, id);
		if (command != BPF_COMMAND_LOAD)
			used = append_kernel_string(s, &r->texts[CODE_NAME], aux->name, used);
	}
	return submit_call(s, used);
}

#endif
