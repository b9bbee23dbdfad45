/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Sockets that are no TCP: raw ones and those of Unix. */
#ifndef INTERDICT_SOCKET_H
#define INTERDICT_SOCKET_H

#include "accept.h"

#define AF_UNIX 1
#define AF_PACKET 17
#define SOCK_RAW 3
#define SOCK_TYPE_MASK 0xf
#define ECONNREFUSED 111
#define SUN_PATH 108

/* After socket(2). */
static __always_inline bool is_raw(u32 family, u32 type)
{
	return family == AF_PACKET ||
	       ((family == AF_INET || family == AF_INET6) && (type & SOCK_TYPE_MASK) == SOCK_RAW);
}

static __noinline int socket_made(u32 family, u32 type, u32 protocol, const struct header *who, long result)
{
	if (!is_raw(family, type) || !wanted(KIND_RAWSOCKET))
		return 0;
	if (result < 0 && !is_refusal(result)) {
		filtered(KIND_RAWSOCKET);
		return 0;
	}
	u64 flags = wake_flags(&network_ring, true);
	struct socket_record *r = bpf_ringbuf_reserve(&network_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_RAWSOCKET);
		return 0;
	}
	__builtin_memset(r, 0, sizeof(*r));
	identify_caller(&r->header, KIND_RAWSOCKET, who);
	r->header.size = sizeof(*r);
	r->header.result = result < 0 ? result : 0;
	r->family = family;
	r->type = type & SOCK_TYPE_MASK;
	r->socket.protocol = family == AF_PACKET ? bpf_ntohs(protocol) : protocol;
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_RAWSOCKET);
	wake(&network_ring, flags, true);
	return 0;
}

/* What the kernel knows of the peer cannot be changed by the caller; a refused attempt has no peer. */
static __always_inline u32 append_unix_path(union scratch *s, struct socket_record *r, struct unix_sock *peer, u64 given,
					    bool in_kernel, u32 length, u32 used)
{
	struct unix_address *address = peer ? FETCH(struct unix_sock, peer, addr) : NULL;
	void *at_scratch = at(s, used);
	r->path.offset = used;
	if (address)
		length = BPF_CORE_READ(address, len);
	if (length <= 2)
		return used;
	length -= 2; /* the family */
	if (length > SUN_PATH)
		length = SUN_PATH;
	long error = address   ? bpf_probe_read_kernel(at_scratch, length, &address->name[0].sun_path) :
		     in_kernel ? bpf_probe_read_kernel(at_scratch, length, (void *)(given + 2)) :
				 bpf_probe_read_user(at_scratch, length, (void *)(given + 2));
	if (error)
		return used;
	r->path.length = length;
	return used + length;
}

/* `address` is in the kernel if it was given through a ring. */
static __noinline int unix_connected(struct file *file, u64 address, u32 length, const struct header *who, long result)
{
	struct repeat_key key = {.kind = KIND_UNIX, .port = who ? FLAG_RING : 0};
	u32 slot = NO_SLOT;
	if (result < 0 && !is_refusal(result) && result != -ECONNREFUSED) {
		filtered(KIND_UNIX);
		return 0;
	}
	union scratch *s = scratch();
	if (!file || !s) {
		lost(KIND_UNIX);
		return 0;
	}
	struct unix_sock *sk = (void *)socket_of(file);
	struct unix_sock *peer = result == 0 ? (void *)FETCH(struct unix_sock, sk, peer) : NULL;
	/* The address is the listener's own, one object for all who connect to it. */
	bool folds = peer && folded(KIND_UNIX) && runs(who) && (key.subject[0] = (u64)BPF_CORE_READ(peer, addr));
	if (folds) {
		key.pid = bpf_get_current_pid_tgid() >> 32;
		if (is_repeated(&key, current_start(), bpf_ktime_get_boot_ns(), &slot))
			return 0;
	}
	struct socket_record *r = &s->socket;
	__builtin_memset(r, 0, sizeof(*r));
	identify_caller(&r->header, KIND_UNIX, who);
	r->header.result = result < 0 ? result : 0;
	r->family = AF_UNIX;
	r->type = BPF_CORE_READ((struct sock *)sk, sk_type);
	if (result == 0)
		r->peer_pid = BPF_CORE_READ((struct sock *)sk, sk_peer_pid, numbers[0].nr);
	u32 used = append_unix_path(s, r, peer, address, who, length, sizeof(*r));
	if (submit_scratch(s, &network_ring, used, true) && folds)
		remember(slot, &key, r, r->header.size);
	return 0;
}

/* After connect(2); TCP is seen by its states. */
static __always_inline int connected(u32 descriptor, u64 address, u32 length, long result)
{
	u16 family = 0;
	if (!asked_for(KIND_UNIX) || bpf_probe_read_user(&family, sizeof(family), (void *)address) || family != AF_UNIX ||
	    !wanted(KIND_UNIX))
		return 0;
	return unix_connected(file_of(descriptor), address, length, NULL, result);
}

AFTER(socket)
{
	return socket_made(call->arguments[0], call->arguments[1], call->arguments[2], NULL, call->result);
}

AFTER(connect)
{
	return connected(call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

#if defined(__TARGET_ARCH_x86)
#define SYS_SOCKET 1
#define SYS_CONNECT 3
#define SYS_ACCEPT 5
#define SYS_ACCEPT4 18

/* 32-bit only: the call is its first argument, those of the call stand where the second points. */
AFTER(socketcall)
{
	u32 arguments[3] = {};
	u32 what = call->arguments[0];
	if (what == SYS_ACCEPT || what == SYS_ACCEPT4)
		return accepted(call->result, NULL);
	bpf_probe_read_user(arguments, sizeof(arguments), (void *)call->arguments[1]);
	if (what == SYS_SOCKET)
		return socket_made(arguments[0], arguments[1], arguments[2], NULL, call->result);
	if (what == SYS_CONNECT)
		return connected(arguments[0], arguments[1], arguments[2], call->result);
	return 0;
}
#endif

#endif
