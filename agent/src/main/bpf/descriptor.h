/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What stands behind a file descriptor or a socket. */
#ifndef INTERDICT_DESCRIPTOR_H
#define INTERDICT_DESCRIPTOR_H

#include "path.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define SOCK_STREAM 1

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFCHR 0020000
#define S_IFIFO 0010000

#define MAJOR(device) ((device) >> 20)
#define MINOR(device) ((device) & 0xfffff)

static __always_inline bool is_null_device(u32 device)
{
	return MAJOR(device) == 1 && (MINOR(device) == 3 || MINOR(device) == 5 || MINOR(device) == 7);
}

/* Serial lines, consoles, pseudo terminals and their master. */
static __always_inline bool is_terminal(u32 device)
{
	u32 major = MAJOR(device);
	return major == 4 || major == 5 || (major >= 136 && major <= 143);
}

/* False where it is no internet socket. */
static __always_inline bool read_endpoint(struct endpoint *e, const struct sock *sk)
{
	u16 family = FETCH(struct sock, sk, __sk_common.skc_family);
	__builtin_memset(e, 0, sizeof(*e));
	if (family == AF_INET) {
		u32 local = FETCH(struct sock, sk, __sk_common.skc_rcv_saddr);
		u32 remote = FETCH(struct sock, sk, __sk_common.skc_daddr);
		__builtin_memcpy(e->local, &local, 4);
		__builtin_memcpy(e->remote, &remote, 4);
	} else if (family == AF_INET6) {
		BPF_CORE_READ_INTO(&e->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&e->remote, sk, __sk_common.skc_v6_daddr);
	} else {
		return false;
	}
	e->family = family;
	e->local_port = bpf_htons(FETCH(struct sock, sk, __sk_common.skc_num));
	e->remote_port = FETCH(struct sock, sk, __sk_common.skc_dport);
	/* A bit field before 5.6, which none of ours is older than. */
	e->protocol = FETCH(struct sock, sk, sk_protocol);
	return true;
}

/* Null where the number is not open. */
static __always_inline struct file *file_of(u32 number)
{
	struct fdtable *table;
	struct file **open;
	u32 size;
	if (HAS_TASK_BTF) {
		struct task_struct *task = bpf_get_current_task_btf();
		table = task->files->fdt;
		size = table->max_fds;
		open = table->fd;
	} else {
		struct task_struct *task = (void *)bpf_get_current_task();
		table = FETCH(struct task_struct, task, files, fdt);
		size = FETCH(struct fdtable, table, max_fds);
		open = FETCH(struct fdtable, table, fd);
	}
	struct file *file = NULL;
	if (number < size)
		bpf_probe_read_kernel(&file, sizeof(file), open + number);
	return file;
}

static __always_inline struct sock *socket_of(struct file *file)
{
	struct socket *socket = FETCH(struct file, file, private_data);
	return FETCH(struct socket, socket, sk);
}

static __noinline u32 describe(struct descriptor *d, struct file *file, u32 number, u32 used)
{
	struct inode *inode = FETCH(struct file, file, f_inode);
	u16 type = FETCH(struct inode, inode, i_mode) & S_IFMT;
	u32 device = FETCH(struct inode, inode, i_rdev);
	__builtin_memset(d, 0, sizeof(*d));
	d->number = number;
	d->inode = FETCH(struct inode, inode, i_ino);
	if (type == S_IFSOCK) {
		d->type = DESCRIPTOR_SOCKET;
		read_endpoint(&d->socket, socket_of(file));
		return used;
	}
	if (type == S_IFIFO)
		d->type = DESCRIPTOR_PIPE;
	else if (type == S_IFCHR && is_null_device(device))
		d->type = DESCRIPTOR_NULL;
	else if (type == S_IFCHR && is_terminal(device))
		d->type = DESCRIPTOR_TERMINAL;
	else if (type == 0)
		return used; /* anonymous inode: eventfd, epoll and the like */
	else
		d->type = DESCRIPTOR_FILE;
	return append_path(&d->path, &file->f_path, used);
}

#endif
