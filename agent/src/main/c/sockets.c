// SPDX-License-Identifier: Apache-2.0
/*
 * Destroys sockets that the network cut does not reach. Each is fetched from its process, so that neither its network
 * namespace has to be entered, which takes CAP_SYS_ADMIN, nor one that its process has left is missed.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sockets.h"

#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name
#define MAX_DESTROYED 65536
#define PIDFD_OF_THREAD O_EXCL // PIDFD_THREAD, since 6.9

extern const char bpf_sockets_start[], bpf_sockets_end[];

struct search {
	const jint *pids;
	const jlong *cgroups;
	jsize pid_count, cgroup_count;
	__u64 *destroyed; // inodes: a socket may have many descriptors
	int count;
	int error;
	const char *failed;
	struct held_socket culprit;
};

static void throw_io(JNIEnv *env, const char *message)
{
	jclass type = (*env)->FindClass(env, "java/io/IOException");
	if (type)
		(*env)->ThrowNew(env, type, message);
}

static int compare_pids(const void *a, const void *b)
{
	jint x = *(const jint *)a, y = *(const jint *)b;
	return (x > y) - (x < y);
}

static int compare_ids(const void *a, const void *b)
{
	jlong x = *(const jlong *)a, y = *(const jlong *)b;
	return (x > y) - (x < y);
}

// The first failure is told, but does not keep the others alive.
static void fail(struct search *search, const struct held_socket *held, const char *what, int error)
{
	if (search->error)
		return;
	search->failed = what;
	search->error = error;
	search->culprit = *held;
}

// A socket of an older kernel that does not tell its cgroup is taken for one of the cgroup's own.
static bool is_foreign(const struct search *search, const struct held_socket *held)
{
	jint pid = held->pid;
	jlong cgroup = held->cgroup;
	if (!cgroup || !bsearch(&pid, search->pids, search->pid_count, sizeof(pid), compare_pids) ||
	    bsearch(&cgroup, search->cgroups, search->cgroup_count, sizeof(cgroup), compare_ids))
		return false;
	for (int i = 0; i < search->count; i++)
		if (search->destroyed[i] == held->inode)
			return false;
	return true;
}

// Another descriptor of it, or -1; also where it was closed meanwhile, which is no error.
static int fetch(struct search *search, const struct held_socket *held)
{
	struct stat stat;
	int process = syscall(SYS_pidfd_open, held->tid, held->tid == held->pid ? 0 : PIDFD_OF_THREAD);
	if (process < 0) {
		if (errno != ESRCH)
			fail(search, held, "cannot open the process", errno);
		return -1;
	}
	int fd = syscall(SYS_pidfd_getfd, process, held->descriptor, 0);
	if (fd < 0 && errno != EBADF && errno != ESRCH)
		fail(search, held, "cannot fetch the socket", errno);
	close(process);
	if (fd >= 0 && (fstat(fd, &stat) || stat.st_ino != held->inode)) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * A connection is reset. As whoever holds the socket may connect it again, and its cgroup stays what it was, nothing
 * that comes in passes from then on, and nothing is sent.
 */
static void destroy(struct search *search, const struct held_socket *held, int fd)
{
	struct sock_filter drop = {BPF_RET | BPF_K, 0, 0, 0};
	struct sock_fprog filter = {1, &drop};
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	int lock = 1;
	bool sealed = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0 &&
		      setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &lock, sizeof(lock)) == 0;
	bool reset = held->protocol == IPPROTO_UDP || connect(fd, &nobody, sizeof(nobody)) == 0;
	// Of what is not connected it says so, and does it all the same.
	if (shutdown(fd, SHUT_RDWR) && errno != ENOTCONN && !reset)
		fail(search, held, "cannot shut the socket down", errno);
	else if (!sealed && errno != EPERM) // EPERM: its owner has locked a filter of its own
		fail(search, held, "cannot attach a filter to the socket", errno);
	if (search->count < MAX_DESTROYED)
		search->destroyed[search->count++] = held->inode;
	else
		fail(search, held, "too many sockets made outside of the cgroup", E2BIG);
}

static void look_through(struct search *search, int program)
{
	struct held_socket held[64];
	int link = bpf_link_create(program, 0, BPF_TRACE_ITER, NULL);
	int iterator = link < 0 ? -1 : bpf_iter_create(link);
	ssize_t length = iterator < 0 ? -1 : 0;
	if (iterator >= 0)
		while ((length = read(iterator, held, sizeof(held))) > 0)
			for (size_t i = 0; i < length / sizeof(held[0]); i++) {
				int fd = is_foreign(search, &held[i]) ? fetch(search, &held[i]) : -1;
				if (fd >= 0) {
					destroy(search, &held[i], fd);
					close(fd);
				}
			}
	if (length < 0)
		fail(search, &(struct held_socket){0}, "cannot list sockets", errno);
	if (iterator >= 0)
		close(iterator);
	if (link >= 0)
		close(link);
}

// A descriptor of the program that lists sockets. It stays loaded for as long as the process lives.
JNIEXPORT jint JNICALL NATIVE(loadSockets)(JNIEnv *env, jclass class)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "interdict_sock");
	char message[256];
	struct bpf_object *object =
		bpf_object__open_mem(bpf_sockets_start, bpf_sockets_end - bpf_sockets_start, &options);
	int error = object ? bpf_object__load(object) : -errno, fd = -1;
	if (!error) {
		fd = fcntl(bpf_program__fd(bpf_object__find_program_by_name(object, "held_sockets")),
			   F_DUPFD_CLOEXEC, 3);
		error = fd < 0 ? -errno : 0;
	}
	bpf_object__close(object);
	if (error) {
		snprintf(message, sizeof(message), "cannot load the program that lists sockets: %s", strerror(-error));
		throw_io(env, message);
	}
	return fd;
}

JNIEXPORT jint JNICALL NATIVE(destroySockets)(JNIEnv *env, jclass class, jint program, jintArray pids,
					      jlongArray cgroups)
{
	char message[256];
	struct search search = {
		.pids = (*env)->GetIntArrayElements(env, pids, NULL),
		.pid_count = (*env)->GetArrayLength(env, pids),
		.cgroups = (*env)->GetLongArrayElements(env, cgroups, NULL),
		.cgroup_count = (*env)->GetArrayLength(env, cgroups),
		.destroyed = malloc(MAX_DESTROYED * sizeof(__u64)),
	};
	if (search.pids && search.cgroups && search.destroyed)
		look_through(&search, program);
	if (search.pids)
		(*env)->ReleaseIntArrayElements(env, pids, (jint *)search.pids, JNI_ABORT);
	if (search.cgroups)
		(*env)->ReleaseLongArrayElements(env, cgroups, (jlong *)search.cgroups, JNI_ABORT);
	free(search.destroyed);
	if (search.error) {
		snprintf(message, sizeof(message), "%s: pid=%u descriptor=%u: %s", search.failed, search.culprit.pid,
			 search.culprit.descriptor, strerror(search.error));
		throw_io(env, message);
	}
	return search.count;
}
