/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What sockets.bpf.c tells sockets.c. */
#ifndef INTERDICT_SOCKETS_H
#define INTERDICT_SOCKETS_H

#include <linux/types.h>

struct held_socket {
	__u32 pid;
	__u32 tid;
	__u32 descriptor;
	__u16 family;
	__u16 protocol;
	__u64 inode;
	__u64 cgroup; /* in which it was made; 0: this kernel does not say */
};

#endif
