/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_ACCEPT_H
#define INTERDICT_ACCEPT_H

#include "../descriptor.h"
#include "../syscall.h"

/* After accept(2): `result` is the new descriptor. The socket itself was made in no process's context. */
static __noinline int accepted(long result)
{
	if (result < 0 || !wanted(KIND_ACCEPT))
		return 0;
	struct file *file = file_of(result);
	if (!file) {
		lost(KIND_ACCEPT);
		return 0;
	}
	struct endpoint socket;
	if (!read_endpoint(&socket, socket_of(file)) || socket.protocol != IPPROTO_TCP) {
		filtered(KIND_ACCEPT);
		return 0;
	}
	u64 flags = wake_flags(&network_ring, false);
	struct socket_record *r = bpf_ringbuf_reserve(&network_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_ACCEPT);
		return 0;
	}
	__builtin_memset(r, 0, sizeof(*r));
	identify(&r->header, KIND_ACCEPT);
	r->header.size = sizeof(*r);
	r->socket = socket;
	r->family = socket.family;
	r->type = SOCK_STREAM;
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_ACCEPT);
	return 0;
}

AFTER(accept)
{
	return accepted(call->result);
}

AFTER(accept4)
{
	return accepted(call->result);
}

#if defined(__TARGET_ARCH_x86)
#define SYS_ACCEPT 5
#define SYS_ACCEPT4 18

/* 32-bit only: the call is its first argument. */
AFTER(socketcall)
{
	if (call->arguments[0] == SYS_ACCEPT || call->arguments[0] == SYS_ACCEPT4)
		return accepted(call->result);
	return 0;
}
#endif

#endif
