// SPDX-License-Identifier: Apache-2.0
// Tracepoints whose arguments differ between kernels: a program for each, of which at most one fits.
#ifndef INTERDICT_TRACEPOINTS_H
#define INTERDICT_TRACEPOINTS_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>

// Whether the program may be loaded on the kernel of this BTF; otherwise says why not.
bool fits(const struct btf *kernel, const char *symbol, char *reason, size_t size);

#endif
