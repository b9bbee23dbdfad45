/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* TCP: who began a connection and what became of it, who listens, and what went over when it ended. */
#ifndef INTERDICT_CONNECT_H
#define INTERDICT_CONNECT_H

#include "../descriptor.h"
#include "../repeat.h"

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define SOCK_DONE 1 /* bit of the socket's flags: the peer has sent a FIN */
#define ECANCELED 125

struct connection {
	struct header header; /* of whoever began or accepted it; kind 0: nobody who is reported */
	u64 since; /* established; 0: not yet */
	u16 local_port; /* the socket has none left when it is closed */
};

/*
 * By socket. Answers and ends come in an interrupt, in whatever process was running. When there are too many, the
 * map forgets those of which nothing was heard for longest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct connection);
} connections SEC(".maps");

static __always_inline bool asked_for(u32 kind)
{
	return shared.kinds & (1ULL << kind);
}

static __always_inline u16 local_port(const struct sock *sk)
{
	return bpf_htons(FETCH(struct sock, sk, __sk_common.skc_num));
}

/* Who talked to whom. The port that a peer picked itself is left out: a client's next connection has another. */
static __always_inline void talked_to(struct repeat_key *key, const struct header *header, const struct endpoint *e,
				      u32 kind, long result, bool accepted)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->kind = kind;
	key->pid = header->pid;
	key->result = result;
	key->flags = accepted | (header->flags & FLAG_RING);
	key->port = accepted ? e->local_port : e->remote_port;
	__builtin_memcpy(key->subject, e->remote, sizeof(key->subject));
}

/* `connection` is that of an end, otherwise null. */
static __always_inline void submit_connection(const struct header *header, const struct sock *sk, u32 kind, long result,
					      const struct connection *connection, bool urgent)
{
	struct repeat_key key = {};
	struct endpoint e;
	u64 now = bpf_ktime_get_boot_ns(), sent = 0, received = 0;
	u32 slot = NO_SLOT;
	read_endpoint(&e, sk);
	if (connection) {
		struct tcp_sock *tcp = (void *)sk;
		e.local_port = connection->local_port;
		sent = FETCH(struct tcp_sock, tcp, bytes_sent);
		received = FETCH(struct tcp_sock, tcp, bytes_received);
		/* The kernel counts a FIN as a byte. */
		received -= FETCH(struct sock, sk, __sk_common.skc_flags) >> SOCK_DONE & 1;
	}
	if (folded(kind)) {
		talked_to(&key, header, &e, kind, result, header->kind == KIND_ACCEPT);
		if (is_repeated(&key, header->start, now, &slot)) {
			if (connection) /* of a zero the compiler makes a bitwise or, which 5.10 cannot do */
				add_bytes(&key, sent, received);
			return;
		}
	}
	if (!admitted(header, LANE_NETWORK))
		return;
	u64 flags = wake_flags(&network_ring, urgent);
	struct socket_record *r = bpf_ringbuf_reserve(&network_ring, sizeof(*r), 0);
	if (!r) {
		lost(kind);
		return;
	}
	__builtin_memset(r, 0, sizeof(*r));
	r->header = *header;
	r->header.time = now;
	r->header.kind = kind;
	r->header.size = sizeof(*r);
	r->header.result = result;
	r->socket = e;
	r->family = e.family;
	r->type = SOCK_STREAM;
	if (connection) {
		r->sent = sent;
		r->received = received;
		r->duration = now - connection->since;
	}
	if (folded(kind))
		remember(slot, &key, r, sizeof(*r));
	bpf_ringbuf_submit(r, flags);
	submitted(kind);
	wake(&network_ring, flags, urgent);
}

static __always_inline void begun(const struct sock *sk)
{
	u64 key = (u64)sk;
	struct connection connection = {};
	if (wanted(KIND_CONNECT) || wanted(KIND_DISCONNECT)) /* the agent's own is entered too, so as not to be missed later */
		identify(&connection.header, KIND_CONNECT);
	if (bpf_map_update_elem(&connections, &key, &connection, BPF_ANY))
		lost(KIND_CONNECT);
}

static __always_inline void answered(const struct sock *sk, bool established)
{
	u64 key = (u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	if (!connection) {
		if (asked_for(KIND_CONNECT))
			lost(KIND_CONNECT);
		return;
	}
	if (connection->header.kind && asked_for(KIND_CONNECT)) {
		long result = 0;
		if (!established)
			result = sk->sk_err ? -sk->sk_err : -ECANCELED; /* closed before an answer came */
		submit_connection(&connection->header, sk, KIND_CONNECT, result, NULL, true);
	}
	if (established && connection->header.kind && asked_for(KIND_DISCONNECT)) {
		connection->since = bpf_ktime_get_boot_ns();
		connection->local_port = local_port(sk);
	} else {
		bpf_map_delete_elem(&connections, &key);
	}
}

/* One whose beginning was not seen is nobody's. */
static __always_inline void ended(const struct sock *sk)
{
	u64 key = (u64)sk;
	if (!asked_for(KIND_DISCONNECT))
		return;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	if (!connection || !connection->since) {
		filtered(KIND_DISCONNECT);
		return;
	}
	submit_connection(&connection->header, sk, KIND_DISCONNECT, sk->sk_err ? -sk->sk_err : 0, connection, false);
	bpf_map_delete_elem(&connections, &key);
}

static __always_inline void listens(const struct sock *sk)
{
	struct header header = {};
	if (!wanted(KIND_LISTEN))
		return;
	identify(&header, KIND_LISTEN);
	submit_connection(&header, sk, KIND_LISTEN, 0, NULL, true);
}

/* Every way to connect and to listen comes by here, those of io_uring included. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_socket_state, const struct sock *sk, int before, int after)
{
	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (after == TCP_SYN_SENT) {
		if (asked_for(KIND_CONNECT) || asked_for(KIND_DISCONNECT))
			begun(sk);
	} else if (before == TCP_SYN_SENT) {
		/* From here to SYN_RECV is a simultaneous open, which is answered later. */
		if (after == TCP_ESTABLISHED || after == TCP_CLOSE)
			answered(sk, after == TCP_ESTABLISHED);
	} else if (after == TCP_LISTEN) {
		listens(sk);
	} else if (after == TCP_CLOSE && before != TCP_LISTEN && before != TCP_CLOSE) {
		ended(sk);
	}
	return 0;
}

#endif
