// SPDX-License-Identifier: Apache-2.0
#include "tracepoints.h"
#include <stdio.h>
#include <string.h>

// Arguments: p is a pointer, i a number.
static const struct {
	const char *symbol;
	const char *tracepoint;
	const char *arguments[2];
} SHAPES[] = {
	{"on_ring_submit", "io_uring_submit_req", {"p"}},
	{"on_ring_submit_6_0", "io_uring_submit_sqe", {"pi"}},
	{"on_ring_complete", "io_uring_complete", {"ppp"}},
	{"on_ring_complete_5_18", "io_uring_complete", {"ppiii", "ppiiiii"}},
};

static bool shape_of(const struct btf *kernel, const char *tracepoint, char *shape, size_t size)
{
	char name[128];
	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	int id = btf__find_by_name_kind(kernel, name, BTF_KIND_TYPEDEF);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(kernel, id);
	type = type ? btf__type_by_id(kernel, type->type) : NULL;
	type = type && btf_is_ptr(type) ? btf__type_by_id(kernel, type->type) : NULL;
	if (!type || !btf_is_func_proto(type))
		return false;
	size_t length = 0;
	for (int i = 1; i < btf_vlen(type) && length + 1 < size; i++) { // the first is the tracepoint's own
		const struct btf_type *argument = btf__type_by_id(kernel, btf_params(type)[i].type);
		while (btf_is_mod(argument) || btf_is_typedef(argument))
			argument = btf__type_by_id(kernel, argument->type);
		shape[length++] = btf_is_ptr(argument) ? 'p' : 'i';
	}
	shape[length] = 0;
	return true;
}

bool fits(const struct btf *kernel, const char *symbol, char *reason, size_t size)
{
	for (size_t i = 0; i < sizeof(SHAPES) / sizeof(SHAPES[0]); i++) {
		char shape[16];
		if (strcmp(SHAPES[i].symbol, symbol) != 0)
			continue;
		if (!shape_of(kernel, SHAPES[i].tracepoint, shape, sizeof(shape))) {
			snprintf(reason, size, "for other kernels: this one has no tracepoint %s", SHAPES[i].tracepoint);
			return false;
		}
		for (int j = 0; j < 2; j++)
			if (SHAPES[i].arguments[j] && strcmp(SHAPES[i].arguments[j], shape) == 0)
				return true;
		snprintf(reason, size, "for other kernels: here %s has arguments %s", SHAPES[i].tracepoint, shape);
		return false;
	}
	return true;
}
