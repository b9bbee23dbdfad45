/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Datagrams, where they leave: whichever call or ring sent them, and the packet cannot be changed any more. Attached
 * to the root of the cgroups. Nearly all packets are TCP's and go on after two loads.
 */
#ifndef INTERDICT_DATAGRAM_H
#define INTERDICT_DATAGRAM_H

#include "connect.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPPROTO_UDP 17
#define SOCK_DGRAM 2
#define DNS_PORT 53
#define DNS_HEADER 12
#define DNS_LIMIT 512
#define DNS_RESPONSE 0x80 /* in the third byte */
#define PEER_FRESH 60000000000ULL
#define PASS 1

struct peer {
	u32 pid;
	u16 family;
	u16 port;
	u8 address[16];
};

/* Whom each process has written to lately; only the first datagram is an event. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct peer);
	__type(value, u64);
} peers SEC(".maps");

/* Current is the sender: a datagram leaves in the call that sent it. */
static __always_inline void identify_sender(struct header *header, u32 kind)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__builtin_memset(header, 0, sizeof(*header));
	header->time = bpf_ktime_get_boot_ns();
	header->kind = kind;
	header->pid = FETCH(struct task_struct, task, tgid);
	header->tid = FETCH(struct task_struct, task, pid);
	header->cgroup = FETCH(struct task_struct, task, cgroups, dfl_cgrp, kn, id);
	read_task(header, task);
}

static __always_inline void peer_of(struct peer *peer, const struct endpoint *e, u32 pid)
{
	peer->pid = pid;
	peer->family = e->family;
	peer->port = e->remote_port;
	__builtin_memcpy(peer->address, e->remote, sizeof(peer->address));
}

static __noinline int to_peer(const struct endpoint *e, u32 pid)
{
	struct peer peer;
	u64 now = bpf_ktime_get_boot_ns();
	if (!e)
		return 0;
	peer_of(&peer, e, pid);
	u64 *last = bpf_map_lookup_elem(&peers, &peer);
	if (last && now - *last < PEER_FRESH) {
		*last = now;
		filtered(KIND_UDP);
		return 0;
	}
	bpf_map_update_elem(&peers, &peer, &now, BPF_ANY);
	u64 flags = wake_flags(&network_ring, false);
	struct socket_record *r = bpf_ringbuf_reserve(&network_ring, sizeof(*r), 0);
	if (!r) {
		lost(KIND_UDP);
		return 0;
	}
	__builtin_memset(r, 0, sizeof(*r));
	identify_sender(&r->header, KIND_UDP);
	r->header.size = sizeof(*r);
	r->socket = *e;
	r->family = e->family;
	r->type = SOCK_DGRAM;
	bpf_ringbuf_submit(r, flags);
	submitted(KIND_UDP);
	return 0;
}

struct question {
	struct socket_record socket;
	u8 message[DNS_LIMIT];
};

static __always_inline void ask(struct __sk_buff *skb, const struct endpoint *e, u32 at, u32 length)
{
	u8 begin[4];
	if (length < DNS_HEADER || bpf_skb_load_bytes(skb, at, begin, sizeof(begin)) || begin[2] & DNS_RESPONSE)
		return;
	if (length > DNS_LIMIT)
		length = DNS_LIMIT;
	u64 flags = wake_flags(&network_ring, false);
	struct question *q = bpf_ringbuf_reserve(&network_ring, sizeof(*q), 0);
	if (!q) {
		lost(KIND_DNS);
		return;
	}
	__builtin_memset(&q->socket, 0, sizeof(q->socket));
	identify_sender(&q->socket.header, KIND_DNS);
	q->socket.header.size = sizeof(*q);
	q->socket.socket = *e;
	q->socket.family = e->family;
	q->socket.type = SOCK_DGRAM;
	q->socket.payload.offset = sizeof(q->socket);
	q->socket.payload.length = length;
	if (bpf_skb_load_bytes(skb, at, q->message, length)) {
		bpf_ringbuf_discard(q, BPF_RB_NO_WAKEUP);
		lost(KIND_DNS);
		return;
	}
	bpf_ringbuf_submit(q, flags);
	submitted(KIND_DNS);
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *skb)
{
	u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct endpoint e = {.protocol = IPPROTO_UDP};
	u32 at;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (data + 20 > end || data[9] != IPPROTO_UDP)
			return PASS;
		if (data[6] & 0x1f || data[7]) /* a later fragment */
			return PASS;
		at = (data[0] & 0xf) * 4;
		e.family = AF_INET;
		__builtin_memcpy(e.local, data + 12, 4);
		__builtin_memcpy(e.remote, data + 16, 4);
	} else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		if (data + 40 > end || data[6] != IPPROTO_UDP)
			return PASS;
		at = 40;
		e.family = AF_INET6;
		__builtin_memcpy(e.local, data + 8, 16);
		__builtin_memcpy(e.remote, data + 24, 16);
	} else {
		return PASS;
	}
	u16 udp[3]; /* ports, length */
	if (!(asked_for(KIND_UDP) || asked_for(KIND_DNS)) || bpf_skb_load_bytes(skb, at, udp, sizeof(udp)))
		return PASS;
	u32 pid = FETCH(struct task_struct, (void *)bpf_get_current_task(), tgid);
	u32 length = bpf_ntohs(udp[2]);
	if (pid == shared.self || length < 8)
		return PASS;
	e.local_port = udp[0];
	e.remote_port = udp[1];
	if (asked_for(KIND_DNS) && udp[1] == bpf_htons(DNS_PORT))
		ask(skb, &e, at + 8, length - 8);
	if (asked_for(KIND_UDP))
		to_peer(&e, pid);
	return PASS;
}

#endif
