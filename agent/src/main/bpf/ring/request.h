/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What is asked for through io_uring, where no system call is made: a request is seen when it was prepared, which is
 * when the kernel has its own copy of the names, and when it is done. In between is a map. Done without a word
 * (IOSQE_CQE_SKIP_SUCCESS), it is told of at the beginning, as if it will succeed.
 */
#ifndef INTERDICT_REQUEST_H
#define INTERDICT_REQUEST_H

#include "../file/open.h"
#include "../file/entry.h"
#include "../network/socket.h"

#define RING_NAME 1024 /* of longer names the rest is left out */
#define REQ_F_CQE_SKIP (1 << 6)

enum opcode {
	IORING_OP_ACCEPT = 13,
	IORING_OP_CONNECT = 16,
	IORING_OP_OPENAT = 18,
	IORING_OP_OPENAT2 = 28,
	IORING_OP_RENAMEAT = 35,
	IORING_OP_UNLINKAT = 36,
	IORING_OP_SYMLINKAT = 38,
	IORING_OP_LINKAT = 39,
	IORING_OP_SOCKET = 45,
};

struct request {
	struct header who;
	struct change change; /* of a socket: mode, owner and group are its family, type and protocol */
	u8 told;
	char name[RING_NAME]; /* of a connect: the address */
	char target[RING_NAME];
};

/* By request. Forgets the oldest: a request that is cancelled within a chain never says that it is done. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, u64);
	__type(value, struct request);
} requests SEC(".maps");

struct acceptor {
	u64 ring;
	u64 user_data;
};

/* Who waits for connections: one request may bring many, and those do not say which it was. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct acceptor);
	__type(value, struct header);
} acceptors SEC(".maps");

/* 0: of no interest, as nearly all are. */
static __always_inline u32 kind_of(u8 opcode)
{
	switch (opcode) {
	case IORING_OP_ACCEPT:
		return KIND_ACCEPT;
	case IORING_OP_CONNECT:
		return KIND_UNIX;
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2:
		return KIND_OPEN;
	case IORING_OP_RENAMEAT:
		return KIND_RENAME;
	case IORING_OP_UNLINKAT:
		return KIND_UNLINK;
	case IORING_OP_SYMLINKAT:
	case IORING_OP_LINKAT:
		return KIND_LINK;
	case IORING_OP_SOCKET:
		return KIND_RAWSOCKET;
	default:
		return 0;
	}
}

#define REQUEST_NAME(type, request, member)                                                         \
	(bpf_core_field_exists(((struct type *)(request))->member) ?                                \
		 BPF_CORE_READ((struct type *)(request), member) :                                  \
		 BPF_CORE_READ((struct type##___7_0 *)(request), member.__incomplete_filename))

static __always_inline void read_ring_name(char *to, struct filename *name)
{
	to[0] = 0;
	bpf_probe_read_kernel_str(to, RING_NAME, BPF_CORE_READ(name, name));
}

/* What is asked for; false if it is of no interest after all. */
static __always_inline bool read_request(struct request *p, void *command, u8 opcode)
{
	struct change *c = &p->change;
	if (opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2) {
		struct io_open *open = command;
		c->directory = BPF_CORE_READ(open, dfd);
		c->flags = BPF_CORE_READ(open, how.flags);
		c->unseen = BPF_CORE_READ(open, file_slot) != 0; /* into the ring's own table */
		read_ring_name(p->name, REQUEST_NAME(io_open, open, filename));
	} else if (opcode == IORING_OP_UNLINKAT) {
		struct io_unlink *unlink = command;
		c->directory = BPF_CORE_READ(unlink, dfd);
		c->mode = BPF_CORE_READ(unlink, flags) & AT_REMOVEDIR ? S_IFDIR : 0;
		read_ring_name(p->name, REQUEST_NAME(io_unlink, unlink, filename));
	} else if (opcode == IORING_OP_RENAMEAT) {
		struct io_rename *rename = command;
		c->directory = BPF_CORE_READ(rename, old_dfd);
		c->target_directory = BPF_CORE_READ(rename, new_dfd);
		c->flags = BPF_CORE_READ(rename, flags);
		read_ring_name(p->name, REQUEST_NAME(io_rename, rename, oldpath));
		read_ring_name(p->target, REQUEST_NAME(io_rename, rename, newpath));
	} else if (opcode == IORING_OP_LINKAT) {
		struct io_link *link = command;
		c->directory = BPF_CORE_READ(link, old_dfd);
		c->target_directory = BPF_CORE_READ(link, new_dfd);
		c->flags = BPF_CORE_READ(link, flags);
		read_ring_name(p->name, REQUEST_NAME(io_link, link, oldpath));
		read_ring_name(p->target, REQUEST_NAME(io_link, link, newpath));
	} else if (opcode == IORING_OP_SYMLINKAT) {
		struct io_link *link = command;
		c->directory = BPF_CORE_READ(link, new_dfd);
		c->mode = S_IFLNK;
		read_ring_name(p->name, REQUEST_NAME(io_link, link, newpath));
		read_ring_name(p->target, REQUEST_NAME(io_link, link, oldpath));
	} else if (opcode == IORING_OP_SOCKET) {
		struct io_socket *socket = command;
		c->mode = BPF_CORE_READ(socket, domain);
		c->owner = BPF_CORE_READ(socket, type);
		c->group = BPF_CORE_READ(socket, protocol);
		return is_raw(c->mode, c->owner);
	} else if (opcode == IORING_OP_CONNECT) {
		struct io_connect *connect = command;
		c->length = BPF_CORE_READ(connect, addr_len);
		bpf_probe_read_user(p->name, sizeof(struct sockaddr_un), BPF_CORE_READ(connect, addr));
	}
	return true;
}

/* `file` is that of the request. */
static __always_inline void tell(struct request *p, struct file *file, bool unseen, long result)
{
	struct change c = p->change;
	c.kind &= KINDS - 1;
	c.unseen |= unseen;
	c.name = (u64)p->name;
	c.target = p->target[0] ? (u64)p->target : 0;
	if (c.kind == KIND_OPEN) {
		opened(&c, &p->who, result);
	} else if (c.kind == KIND_RAWSOCKET) {
		socket_made(c.mode, c.owner, c.group, &p->who, result);
	} else if (c.kind == KIND_UNIX) {
		struct sock *sk = file ? socket_of(file) : NULL;
		if (sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX)
			unix_connected(file, c.name, c.length, &p->who, result);
	} else {
		changed(&c, &p->who, result);
	}
}

static __always_inline int prepared(struct io_kiocb *req)
{
	u64 key = (u64)req;
	u8 opcode = BPF_CORE_READ(req, opcode);
	u32 kind = kind_of(opcode);
	if (!kind)
		return 0;
	if (kind == KIND_ACCEPT) {
		struct acceptor acceptor = {.ring = (u64)BPF_CORE_READ(req, ctx), .user_data = BPF_CORE_READ(req, cqe.user_data)};
		struct header who = {};
		struct io_accept *accept = (void *)key + bpf_core_field_offset(struct io_kiocb, cmd);
		if (!(wanted(KIND_ACCEPT) || wanted(KIND_DISCONNECT)))
			return 0;
		if (BPF_CORE_READ(accept, file_slot)) { /* into the ring's own table */
			lost(KIND_ACCEPT);
			return 0;
		}
		identify(&who, KIND_ACCEPT);
		bpf_map_update_elem(&acceptors, &acceptor, &who, BPF_ANY);
		return 0;
	}
	if (!wanted(kind))
		return 0;
	struct request *p = (void *)scratch();
	if (!p)
		return 0;
	__builtin_memset(&p->change, 0, sizeof(p->change));
	p->told = BPF_CORE_READ(req, flags) & REQ_F_CQE_SKIP ? 1 : 0;
	p->name[0] = p->target[0] = 0;
	identify(&p->who, kind);
	p->change.kind = kind;
	if (!read_request(p, (void *)key + bpf_core_field_offset(struct io_kiocb, cmd), opcode))
		return 0;
	if (bpf_map_update_elem(&requests, &key, p, BPF_ANY)) {
		lost(kind);
		return 0;
	}
	p = bpf_map_lookup_elem(&requests, &key);
	if (p && p->told)
		tell(p, BPF_CORE_READ(req, file), true, 0);
	return 0;
}

static __always_inline int done(u64 ring, struct io_kiocb *req, u64 user_data, long result)
{
	u64 key = (u64)req;
	u32 kind = req ? kind_of(BPF_CORE_READ(req, opcode)) : KIND_ACCEPT;
	if (!kind)
		return 0;
	if (kind == KIND_ACCEPT) {
		struct acceptor acceptor = {.ring = ring, .user_data = user_data};
		struct header *who = bpf_map_lookup_elem(&acceptors, &acceptor);
		if (who && runs(who))
			accepted(result, who);
		return 0;
	}
	struct request *p = bpf_map_lookup_elem(&requests, &key);
	if (!p) {
		/* Never kept: of all sockets only raw ones are, and nothing of a cgroup out of scope. */
		if (kind == KIND_RAWSOCKET || shared.scoped & (1ULL << kind) || !wanted(kind))
			return 0;
		if (result >= 0 || is_denied(result))
			lost(kind);
		else
			filtered(kind);
		return 0;
	}
	if (!p->told)
		tell(p, BPF_CORE_READ(req, file), false, result);
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

/* Since 6.4. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_ring_submit, struct io_kiocb *req)
{
	return prepared(req);
}

/* Since 6.0. */
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_ring_submit_6_0, struct io_kiocb *req, bool force_nonblock)
{
	return prepared(req);
}

/* Since 6.16. */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_complete, void *ring, void *req, struct io_uring_cqe *cqe)
{
	return done((u64)ring, req, cqe->user_data, cqe->res);
}

/* Since 5.18. */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_complete_5_18, void *ring, void *req, u64 user_data, int result)
{
	return done((u64)ring, req, user_data, result);
}

#endif
