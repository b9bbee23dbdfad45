/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The kernel ABI of the sensor: what its BPF programs write into the rings and share with user space.
 * dev.interdict.agent.kernel.Record mirrors the offsets; a test compares both with the BTF of the built object.
 *
 * A record is its header, the fixed fields of its kind, then the bytes that its spans point at; offsets count
 * from the start of the record. Sizes are multiples of 8 and at most RECORD_LIMIT. Addresses and ports are as
 * on the wire (big endian), everything else is the machine's.
 *
 * A path is written leaf first, as its components, each ended by a zero: that is the order in which the kernel
 * can be walked. User space turns it round.
 */
#ifndef INTERDICT_EVENT_H
#define INTERDICT_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define RECORD_LIMIT 32768
#define LANES 3
#define KINDS 64
#define COUNTER_ROWS 64 /* CPUs share a row beyond that */

enum lane { LANE_PROCESS = 0, LANE_NETWORK = 1, LANE_FILE = 2 };

/* Numbers of interdict.v1.Kind. */
enum kind {
	KIND_EXEC = 1,
	KIND_EXIT = 2,
	KIND_FORK = 3,
	KIND_OPEN = 4,
	KIND_CONNECT = 5,
	KIND_ACCEPT = 6,
	KIND_DUP = 7,
	KIND_SNAPSHOT = 63, /* never in a ring: what the task iterator writes */
};

enum record_flags {
	FLAG_TRUNCATED = 1 << 0, /* some string did not fit */
	FLAG_ARGS_TRUNCATED = 1 << 1,
	FLAG_MEMFD = 1 << 2,
	FLAG_DELETED = 1 << 3,
	FLAG_WATCHED = 1 << 4, /* by name only: user space compares the whole path */
	FLAG_CREATED = 1 << 5,
	FLAG_WRITE = 1 << 6,
};

/* What stands behind a descriptor. Numbers of interdict.v1.Fd.Type. */
enum descriptor_type {
	DESCRIPTOR_OTHER = 0,
	DESCRIPTOR_FILE = 1,
	DESCRIPTOR_PIPE = 2,
	DESCRIPTOR_SOCKET = 3,
	DESCRIPTOR_TERMINAL = 4,
	DESCRIPTOR_NULL = 5,
	DESCRIPTOR_CLOSED = 255,
};

struct span {
	__u16 offset;
	__u16 length;
};

struct header {
	__u64 time; /* nanoseconds since boot, suspend included */
	__u32 size;
	__u16 kind;
	__u16 flags;
	__u32 pid; /* thread group */
	__u32 tid;
	__u64 start; /* of the thread group's leader, nanoseconds since boot */
	__u64 parent_start;
	__u32 parent_pid;
	__u32 cpu;
	__u64 cgroup; /* id in the v2 hierarchy */
	__s32 result;
	__u32 uid;
	__u32 gid;
	__u32 euid;
};

struct endpoint {
	__u16 family;
	__u16 protocol;
	__u16 local_port;
	__u16 remote_port;
	__u8 local[16];
	__u8 remote[16];
};

struct descriptor {
	__u64 inode;
	__u32 number;
	__u16 type;
	__u16 reserved;
	struct endpoint socket; /* family 0 where it is none of the internet */
	struct span path; /* not for pipes and sockets */
	__u32 reserved2;
};

/* Also of KIND_SNAPSHOT, where there are no arguments and descriptors. */
struct exec_record {
	struct header header;
	__u64 inode;
	__u32 device;
	__u32 reserved;
	char comm[16];
	char tty[16];
	struct span exe;
	struct span invoked;
	struct span args; /* each ended by a zero */
	struct span cwd;
	struct span cgroup_path; /* components, leaf first */
	__u32 reserved2;
	struct descriptor fds[3];
};

struct exit_record {
	struct header header;
	__u32 code; /* as wait(2) has it */
	__u32 reserved;
};

struct fork_record {
	struct header header; /* of the process that forked */
	__u64 child_start;
	__u64 child_cgroup;
	__u32 child_pid;
	__u32 reserved;
};

struct open_record {
	struct header header;
	__u64 inode;
	__u32 device;
	__u32 flags; /* of open(2) */
	struct span path; /* empty where the open failed */
	struct span given;
};

/* KIND_CONNECT and KIND_ACCEPT. */
struct connection_record {
	struct header header;
	struct endpoint socket;
};

struct dup_record {
	struct header header;
	__u32 from;
	__u32 to;
	struct descriptor fd;
};

/* Every observation is counted as one of them. One row per CPU: counted without contention, summed by user space. */
struct counters {
	__u64 submitted[KINDS];
	__u64 filtered[KINDS];
	__u64 lost[KINDS];
};

/* Mapped into user space. */
struct shared {
	__u64 kinds; /* bit per kind that is to be reported */
	__u32 self; /* the agent's own process, which is not reported */
	__u32 awake; /* user space is reading: no wake-up needed */
	__u64 watched_leaves[64]; /* bit per name hash; see watch.h */
	__u64 watched_folders[64];
	struct counters counters[COUNTER_ROWS];
};

#endif
