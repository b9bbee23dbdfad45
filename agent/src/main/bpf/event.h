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
#define CALL_LIMIT 512 /* numbers of system calls */
#define SCRATCHES_LIMIT 4 /* of a CPU */
#define COUNTER_ROWS 64 /* CPUs share a row beyond that */
#define REPEAT_SLOTS 1024 /* of each CPU, a power of two */
#define REPEAT_LIMIT 512 /* a larger record is not remembered */

enum lane { LANE_PROCESS = 0, LANE_NETWORK = 1, LANE_FILE = 2 };

/* Numbers of interdict.v1.Kind. */
enum kind {
	KIND_UNKNOWN = 0, /* counts what was lost before its kind was known */
	KIND_EXEC = 1,
	KIND_EXIT = 2,
	KIND_FORK = 3,
	KIND_OPEN = 4,
	KIND_CONNECT = 5,
	KIND_ACCEPT = 6,
	KIND_DUP = 7,
	KIND_RENAME = 8,
	KIND_UNLINK = 9,
	KIND_TRUNCATE = 10,
	KIND_LINK = 11,
	KIND_CHMOD = 12,
	KIND_CHOWN = 13,
	KIND_MKNOD = 14,
	KIND_LISTEN = 15,
	KIND_DNS = 16,
	KIND_UDP = 17,
	KIND_UNIX = 18,
	KIND_RAWSOCKET = 19,
	KIND_DISCONNECT = 20,
	KIND_SETUID = 21,
	KIND_CAPSET = 22,
	KIND_SETNS = 23,
	KIND_UNSHARE = 24,
	KIND_MOUNT = 25,
	KIND_CHROOT = 26,
	KIND_PTRACE = 27,
	KIND_VMWRITE = 28,
	KIND_MEMFD = 29,
	KIND_MPROTECT = 30,
	KIND_USERFAULTFD = 31,
	KIND_MODULE = 32,
	KIND_BPF = 33,
	KIND_KEYCTL = 34,
	KIND_KEXEC = 35,
	KIND_IO_URING = 36,
	KIND_SIGNAL = 37,
	KIND_READLINE = 38,
	KIND_TLS = 39,
	KIND_AUTHENTICATION = 40,
	/* 41 to 43 are made by user space */
	KIND_MAPPING = 61, /* never an event: an executable file mapped that the agent has not looked at */
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
	FLAG_RING = 1 << 7, /* asked for through io_uring */
	FLAG_UPPER_LAYER = 1 << 8, /* of an overlay */
	FLAG_SCRIPT = 1 << 9, /* `invoked` is what an interpreter was started for */
	FLAG_AT_AGENT = 1 << 10, /* the target is the agent itself */
	FLAG_HANDLE = 1 << 11, /* opened by a handle and not by a name */
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
	__u32 count; /* equal observations that it stands for; 0: one */
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
	__u32 mount_namespace;
	char comm[16];
	char tty[16];
	struct span exe;
	struct span invoked;
	struct span args; /* each ended by a zero */
	struct span cwd;
	struct span cgroup_path; /* components, leaf first */
	struct span environment; /* variables, each ended by a zero */
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
	__u32 namespaces; /* CLONE_NEW* of those that it does not share */
};

/* Of every kind that concerns a file; what a kind does not have is zero. */
struct file_record {
	struct header header;
	__u64 inode;
	__u64 length;
	__u32 device;
	__u32 flags;
	__u32 mode; /* as in stat(2) */
	__u32 owner;
	__u32 group;
	__u32 special_device;
	struct span path; /* components, leaf first; empty where the call failed */
	struct span given;
	struct span target; /* components, or as given for a symbolic link */
	struct span target_given;
};

/* Of every network kind. */
struct socket_record {
	struct header header;
	struct endpoint socket;
	__u64 sent; /* bytes */
	__u64 received;
	__u64 duration; /* nanoseconds */
	__u32 peer_pid;
	__u16 type; /* SOCK_STREAM and its kin */
	__u16 family; /* also where `socket` has none */
	struct span path; /* of a Unix socket: sun_path, an abstract one with its leading zero */
	struct span payload; /* of a DNS question: the message */
};

#define CALL_NUMBERS 6
#define CALL_TEXTS 4

/* What was done, by the names that the events have. */
#define OPERATIONS(X)                                                                                            \
	X(none)                                                                                                  \
	X(setuid) X(setreuid) X(setresuid) X(setfsuid) X(setgid) X(setregid) X(setresgid) X(setfsgid) X(capset)  \
	X(setns) X(unshare)                                                                                      \
	X(mount) X(bind) X(remount) X(move) X(propagate) X(umount) X(open_tree) X(move_mount) X(mount_setattr)   \
	X(fsopen) X(fsmount) X(chroot) X(pivot_root)                                                             \
	X(traceme) X(attach) X(seize) X(poke) X(setregs) X(writev) X(kill)                                       \
	X(memfd_create) X(memfd_secret) X(userfaultfd) X(mprotect) X(mmap)                                       \
	X(init_module) X(finit_module) X(delete_module) X(kexec_load) X(kexec_file_load)                         \
	X(prog_load) X(prog_detach) X(link_detach)                                                               \
	X(add_key) X(request_key) X(join_session) X(update) X(revoke) X(chown) X(setperm) X(link) X(search)      \
	X(read) X(invalidate) X(move_key)

enum operation {
#define X(name) OPERATION_##name,
	OPERATIONS(X)
#undef X
};

/* Of the kinds of privilege and escape; what the numbers and texts are stands beside the program of each. */
struct call_record {
	struct header header;
	__u64 numbers[CALL_NUMBERS];
	__u64 target_start;
	__u32 target_pid;
	__u32 operation; /* enum operation */
	struct span texts[CALL_TEXTS];
	__u32 paths; /* bit per text that is components, leaf first */
	__u32 reserved;
};

#define APP_TEXT 1024
#define APP_TEXTS 4

enum pam_operation {
	PAM_AUTHENTICATE = 1,
	PAM_ACCOUNT = 2,
	PAM_OPEN_SESSION = 3,
	PAM_CLOSE_SESSION = 4,
	PAM_CHANGE_PASSWORD = 5,
};

/* Of KIND_READLINE (the line), KIND_TLS (the head; `operation` 1: sent) and KIND_AUTHENTICATION (service, user, rhost, tty). */
struct app_record {
	struct header header;
	__u64 image; /* number that user space gave to the file; 0: not known */
	__u32 operation;
	__u32 status;
	struct span texts[APP_TEXTS];
};

struct mapping_record {
	struct header header;
	__u64 inode;
	__u32 device;
	__u32 reserved;
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
	__u64 repeated[KINDS]; /* told later, by their number */
	__u64 capped[KINDS]; /* over what their cgroup may say in a second */
};

/* What makes two observations of a process equal. */
struct repeat_key {
	__u64 subject[2]; /* a file, or an address */
	__u32 pid;
	__u32 flags;
	__s32 result;
	__u16 kind;
	__u16 port; /* or marks of a file */
};

/*
 * An observation that has been told, and how often it was made again since. The programs of one CPU write all but
 * `told`, which is user space's: so neither needs a lock. `count` only grows, also when the slot is given to another
 * observation, which happens when all of it is told.
 */
struct repeat {
	__u64 count;
	__u64 sums[2]; /* bytes sent and received by those that were not told one by one */
	__u64 told; /* of count */
	__u64 since; /* when it was last told by itself */
	__u64 start; /* of the process */
	__u64 version; /* odd while key and record are written */
	struct repeat_key key;
};

/* Of one CPU. */
struct repeats {
	struct repeat slots[REPEAT_SLOTS];
	__u8 records[REPEAT_SLOTS][REPEAT_LIMIT];
};

/* What is asked of a cgroup, by its id. */
struct cgroup_rule {
	__u64 kinds; /* bits of those that are reported of it, among shared.scoped */
	__u64 second; /* since boot, that `said` is of */
	__u32 caps[LANES]; /* records a second; 0: as many as there are */
	__u32 said[LANES];
	__u64 capped[LANES];
};

/* Mapped into user space. */
struct shared {
	__u64 kinds; /* bit per kind that is to be reported */
	__u64 scoped; /* of those, bit per kind that only the cgroups of the rules report */
	__u64 folded; /* bit per kind whose repetitions are counted and not told one by one */
	__u32 self; /* the agent's own process, which is not reported */
	__u32 awake; /* user space is reading: no wake-up needed */
	__u32 ruled; /* some cgroup has a rule */
	__u32 own; /* how often a program was run for the agent itself: the canary */
	__u64 watched_leaves[64]; /* bit per name hash; see watch.h */
	__u64 watched_folders[64];
	__u64 calls[2][CALL_LIMIT / 64]; /* bit per system call to look at: native, 32-bit */
	struct counters counters[COUNTER_ROWS];
};

#endif
