/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_SETUP_H
#define INTERDICT_SETUP_H

#include "../syscall.h"

/* Numbers: entries, flags. */
AFTER(io_uring_setup)
{
	u32 parameters[3] = {}; /* the entries of both queues, the flags */
	if (!wanted(KIND_IO_URING))
		return 0;
	if (call->result < 0 && !is_refusal(call->result)) {
		filtered(KIND_IO_URING);
		return 0;
	}
	u64 flags = wake_flags(&process_ring, false);
	struct call_record *r = bpf_ringbuf_reserve(&process_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_IO_URING);
		return 0;
	}
	bpf_probe_read_user(parameters, sizeof(parameters), (void *)call->arguments[1]);
	__builtin_memset(r, 0, sizeof(*r));
	identify(&r->header, KIND_IO_URING);
	r->header.size = sizeof(*r);
	r->header.result = call->result < 0 ? call->result : 0;
	r->numbers[0] = (u32)call->arguments[0];
	r->numbers[1] = parameters[2];
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_IO_URING);
	return 0;
}

#endif
