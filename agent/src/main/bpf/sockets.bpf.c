// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The internet sockets of every process, read by the agent as a file: whose descriptor, and in which cgroup the
 * socket was made, which nothing else tells without entering the socket's network namespace.
 */
#include "vmlinux_min.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "sockets.h"

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define AF_INET 2
#define AF_INET6 10

static __always_inline u64 cgroup_of(struct sock *sk)
{
	if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	u64 value = BPF_CORE_READ((struct sock___5_8 *)sk, sk_cgrp_data.val);
	return value & 1 ? 0 : BPF_CORE_READ((struct cgroup *)value, kn, id);
}

SEC("iter/task_file")
int held_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	if (!task || !file)
		return 0;
	struct inode *inode = file->f_inode;
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	struct held_socket held = {
		.pid = task->tgid,
		.tid = task->pid,
		.descriptor = ctx->fd,
		.family = BPF_CORE_READ(sk, __sk_common.skc_family),
		.protocol = BPF_CORE_READ(sk, sk_protocol),
		.inode = BPF_CORE_READ(inode, i_ino),
	};
	if (held.family != AF_INET && held.family != AF_INET6)
		return 0;
	held.cgroup = cgroup_of(sk);
	bpf_seq_write(ctx->meta->seq, &held, sizeof(held));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
