// SPDX-License-Identifier: Apache-2.0
// What is done through io_uring without a system call of its own, by the bare interface of the kernel.
#include "victim.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#ifndef IOSQE_CQE_SKIP_SUCCESS
#define IOSQE_CQE_SKIP_SUCCESS (1U << 6)
#endif
#define OP_SOCKET 45
#define ACCEPT_MULTISHOT 1

static struct io_uring_params params;
static unsigned *sq_tail, *sq_mask, *sq_array, *sq_flags, *cq_head, *cq_tail, *cq_mask;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;
static int ring;

static void *map(size_t size, off_t what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
	check(memory != MAP_FAILED, "mmap");
	return memory;
}

static void set_up(unsigned flags)
{
	params.flags = flags;
	params.sq_thread_idle = 1000;
	ring = syscall(SYS_io_uring_setup, 8, &params);
	check(ring >= 0, "io_uring_setup");
	char *sq = map(params.sq_off.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
	char *cq = map(params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	sqes = map(params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	sq_tail = (void *)(sq + params.sq_off.tail);
	sq_mask = (void *)(sq + params.sq_off.ring_mask);
	sq_array = (void *)(sq + params.sq_off.array);
	sq_flags = (void *)(sq + params.sq_off.flags);
	cq_head = (void *)(cq + params.cq_off.head);
	cq_tail = (void *)(cq + params.cq_off.tail);
	cq_mask = (void *)(cq + params.cq_off.ring_mask);
	cqes = (void *)(cq + params.cq_off.cqes);
}

static void submit(const struct io_uring_sqe *wanted)
{
	unsigned tail = *sq_tail, at = tail & *sq_mask;
	sqes[at] = *wanted;
	sq_array[at] = at;
	__atomic_store_n(sq_tail, tail + 1, __ATOMIC_SEQ_CST);
	if (!(params.flags & IORING_SETUP_SQPOLL))
		check(syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0) == 1, "io_uring_enter");
	else if (__atomic_load_n(sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
		check(syscall(SYS_io_uring_enter, ring, 1, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0) >= 0, "wake up");
}

static int result(void)
{
	while (__atomic_load_n(cq_tail, __ATOMIC_ACQUIRE) == *cq_head)
		check(syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) >= 0, "wait");
	int value = cqes[*cq_head & *cq_mask].res;
	__atomic_store_n(cq_head, *cq_head + 1, __ATOMIC_RELEASE);
	return value;
}

static int done(struct io_uring_sqe sqe, const char *what)
{
	submit(&sqe);
	int value = result();
	if (value < 0)
		errx(1, "%s: %s", what, strerror(-value));
	return value;
}

static struct io_uring_sqe request(int opcode, int fd, const void *address)
{
	return (struct io_uring_sqe){.opcode = opcode, .fd = fd, .addr = (unsigned long)address};
}

static struct io_uring_sqe two_names(int opcode, const char *from, const char *to)
{
	struct io_uring_sqe sqe = request(opcode, AT_FDCWD, from);
	sqe.len = (unsigned)AT_FDCWD;
	sqe.off = (unsigned long)to;
	return sqe;
}

static struct io_uring_sqe open_request(const char *name, unsigned flags)
{
	struct io_uring_sqe sqe = request(IORING_OP_OPENAT, AT_FDCWD, name);
	sqe.open_flags = flags;
	sqe.len = 0644;
	return sqe;
}

static void files(const char *folder)
{
	static __u64 how[3] = {O_WRONLY | O_CREAT, 0644, 0};
	check(chdir(folder) == 0, folder);
	close(done(open_request("ring-a", O_WRONLY | O_CREAT), "openat"));
	struct io_uring_sqe openat2 = request(IORING_OP_OPENAT2, AT_FDCWD, "./ring-b");
	openat2.len = sizeof(how);
	openat2.off = (unsigned long)how;
	close(done(openat2, "openat2"));
	done(two_names(IORING_OP_RENAMEAT, "ring-a", "ring-c"), "renameat");
	done(two_names(IORING_OP_LINKAT, "ring-c", "ring-d"), "linkat");
	struct io_uring_sqe symlinkat = request(IORING_OP_SYMLINKAT, AT_FDCWD, "/etc/shadow");
	symlinkat.off = (unsigned long)"ring-e";
	done(symlinkat, "symlinkat");
	done(request(IORING_OP_UNLINKAT, AT_FDCWD, "ring-d"), "unlinkat");
	struct io_uring_sqe missing = request(IORING_OP_UNLINKAT, AT_FDCWD, "ring-z");
	submit(&missing);
	if (result() != -ENOENT)
		errx(1, "unlinkat of what is not there");
}

/* Nothing is said of what succeeds, and what is opened gets no descriptor. */
static void in_silence(const char *folder)
{
	int slots[1] = {-1};
	check(chdir(folder) == 0, folder);
	struct io_uring_sqe silent = open_request("ring-silent", O_WRONLY | O_CREAT);
	silent.flags = IOSQE_CQE_SKIP_SUCCESS;
	submit(&silent);
	check(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, slots, 1) == 0, "register");
	struct io_uring_sqe direct = open_request("ring-direct", O_WRONLY | O_CREAT);
	direct.file_index = 1;
	done(direct, "openat into a slot");
}

static void connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	struct io_uring_sqe sqe = request(IORING_OP_CONNECT, socket(AF_UNIX, SOCK_STREAM, 0), &address);
	sqe.off = offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
	done(sqe, "connect");
}

static void accept_some(int count, unsigned flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	check(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
	check(getsockname(listener, (void *)&address, &length) == 0, "getsockname");
	struct io_uring_sqe sqe = request(IORING_OP_ACCEPT, listener, NULL);
	sqe.ioprio = flags;
	sqe.user_data = 7;
	submit(&sqe);
	for (int i = 0; i < count; i++) {
		pid_t child = fork();
		if (child == 0) {
			check(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, length) == 0, "connect");
			_exit(0);
		}
		check(result() >= 0, "accept");
		wait_child(child);
	}
}

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	set_up(strcmp(action, "polled") == 0 ? IORING_SETUP_SQPOLL : 0);
	if (strcmp(action, "setup") == 0)
		return 0;
	if (strcmp(action, "files") == 0 || strcmp(action, "polled") == 0) {
		files(arg);
	} else if (strcmp(action, "silent") == 0) {
		in_silence(arg);
	} else if (strcmp(action, "refused") == 0) {
		check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
		struct io_uring_sqe sqe = open_request(arg, O_RDONLY);
		submit(&sqe);
		if (result() != -EACCES)
			errx(1, "openat was not refused");
	} else if (strcmp(action, "raw") == 0) {
		struct io_uring_sqe sqe = request(OP_SOCKET, AF_INET, NULL);
		sqe.off = SOCK_RAW;
		sqe.len = IPPROTO_ICMP;
		done(sqe, "socket");
	} else if (strcmp(action, "unix") == 0) {
		connect_unix(arg);
	} else if (strcmp(action, "accept") == 0) {
		accept_some(1, 0);
	} else if (strcmp(action, "accept-many") == 0) {
		accept_some(2, ACCEPT_MULTISHOT);
	} else {
		errx(2, "unknown action %s", action);
	}
	return 0;
}
