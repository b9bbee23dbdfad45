/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_ACCEPT_H
#define INTERDICT_ACCEPT_H

#include "connect.h"
#include "../syscall.h"

/* After accept(2): `result` is the new descriptor. The socket itself was made in no process's context. */
static __noinline int accepted(long result, const struct header *who)
{
	if (result < 0 || !(wanted(KIND_ACCEPT) || wanted(KIND_DISCONNECT)))
		return 0;
	struct file *file = file_of(result);
	if (!file) {
		lost(KIND_ACCEPT);
		return 0;
	}
	struct sock *sk = socket_of(file);
	u16 family = FETCH(struct sock, sk, __sk_common.skc_family);
	if ((family != AF_INET && family != AF_INET6) || FETCH(struct sock, sk, sk_protocol) != IPPROTO_TCP) {
		filtered(KIND_ACCEPT);
		return 0;
	}
	struct connection connection = {};
	identify_caller(&connection.header, KIND_ACCEPT, who);
	if (asked_for(KIND_ACCEPT))
		submit_connection(&connection.header, sk, KIND_ACCEPT, 0, NULL, false);
	if (asked_for(KIND_DISCONNECT)) {
		u64 key = (u64)sk;
		connection.since = connection.header.time;
		connection.local_port = local_port(sk);
		bpf_map_update_elem(&connections, &key, &connection, BPF_ANY);
	}
	return 0;
}

AFTER(accept)
{
	return accepted(call->result, NULL);
}

AFTER(accept4)
{
	return accepted(call->result, NULL);
}

#endif
