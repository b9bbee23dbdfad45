/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_CONNECT_H
#define INTERDICT_CONNECT_H

#include "../descriptor.h"

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define ECANCELED 125

/*
 * Who began a connection, until it is known what became of it: that happens in an interrupt, in whatever process
 * was running. When there are too many, the map forgets those that nobody has answered for longest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u64);
	__type(value, struct header);
} connecting SEC(".maps");

/* Every way to connect comes by here, that of io_uring included. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_socket_state, const struct sock *sk, int before, int after)
{
	u64 key = (u64)sk;
	if (after == TCP_SYN_SENT) {
		struct header header = {};
		if (sk->sk_protocol != IPPROTO_TCP || !(shared.kinds & (1ULL << KIND_CONNECT)))
			return 0;
		if (wanted(KIND_CONNECT)) /* the agent's own is entered without a kind, so as not to be missed below */
			identify(&header, KIND_CONNECT);
		if (bpf_map_update_elem(&connecting, &key, &header, BPF_ANY))
			lost(KIND_CONNECT);
		return 0;
	}
	if (before != TCP_SYN_SENT || (after != TCP_ESTABLISHED && after != TCP_CLOSE) ||
	    sk->sk_protocol != IPPROTO_TCP || !(shared.kinds & (1ULL << KIND_CONNECT)))
		return 0;
	struct header *header = bpf_map_lookup_elem(&connecting, &key);
	if (!header) {
		lost(KIND_CONNECT);
		return 0;
	}
	if (header->kind == 0) {
		bpf_map_delete_elem(&connecting, &key);
		return 0;
	}
	u64 flags = wake_flags(&network_ring, true);
	struct socket_record *r = bpf_ringbuf_reserve(&network_ring, sizeof(*r), 0);
	if (r) {
		__builtin_memset(r, 0, sizeof(*r));
		r->header = *header;
		r->header.time = bpf_ktime_get_boot_ns();
		r->header.size = sizeof(*r);
		if (after == TCP_CLOSE)
			r->header.result = sk->sk_err ? -sk->sk_err : -ECANCELED; /* closed before an answer came */
		read_endpoint(&r->socket, sk);
		r->family = r->socket.family;
		r->type = SOCK_STREAM;
		bpf_ringbuf_submit(r, flags);
		submitted(KIND_CONNECT);
		wake(&network_ring, flags, true);
	} else {
		lost(KIND_CONNECT);
	}
	bpf_map_delete_elem(&connecting, &key);
	return 0;
}

#endif
