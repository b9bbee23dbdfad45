// SPDX-License-Identifier: Apache-2.0
// System calls are looked at by a program at the end of the kernel's function for each (fexit), where that may be
// used: then only who makes the call pays for it. Elsewhere one program at the exit of all calls hands on.
#ifndef INTERDICT_VARIANTS_H
#define INTERDICT_VARIANTS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include "programs.h"

#define DIRECT_HOOK "fexit/syscalls"

struct variants {
	bool direct; // else all are handed on
	bool failed[PROGRAMS_LIMIT]; // its function cannot be attached to: handed on
	struct bpf_link *links[PROGRAMS_LIMIT][2]; // native, 32-bit
};

bool is_call(const struct program *program);

// Whether it is seen at the end of its function; a call that this kernel does not have counts as seen.
bool is_direct(const struct variants *variants, int index);

// Whether the symbol is that of a program at the end of the call's function.
bool is_at_end(int index, const char *symbol);

// 0, or a negative errno: `object` is opened and not loaded, is loaded for a try, and is of no further use.
int try_direct(struct bpf_object *object);

// Before it is loaded: leaves of each call the variant that is to be used.
void choose_variants(const struct variants *variants, struct bpf_object *object);

int attach_direct(struct variants *variants, struct bpf_object *object, int index);
void detach_direct(struct variants *variants, int index);

// Detaches all, for good. The kernel waits a tenth of a second for each: that is left to a process of its own, which
// holds them a little longer than this one.
void leave_direct(struct variants *variants);

#endif
