// SPDX-License-Identifier: Apache-2.0
// Destroys sockets that the network cut does not reach, by SOCK_DIAG in the network namespace they live in.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#define MAX_FOUND 4096

struct search {
	const char *namespace;
	const jlong *inodes, *cgroups;
	jsize inode_count, cgroup_count;
	int destroyed;
	int error;
	const char *failed;
};

struct diag_request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 body;
};

static int compare(const void *a, const void *b)
{
	jlong x = *(const jlong *)a, y = *(const jlong *)b;

	return (x > y) - (x < y);
}

static int contains(const jlong *values, jsize count, jlong value)
{
	return bsearch(&value, values, count, sizeof(*values), compare) != NULL;
}

static int fail(struct search *search, const char *what, int error)
{
	search->failed = what;
	search->error = error;
	return -1;
}

// A socket of an older kernel does not tell its cgroup and is taken for one of the cgroup's own.
static int is_foreign(const struct search *search, struct nlmsghdr *message)
{
	struct inet_diag_msg *socket = NLMSG_DATA(message);
	struct rtattr *attribute = (struct rtattr *)(socket + 1);
	int left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*socket));

	if (!contains(search->inodes, search->inode_count, socket->idiag_inode))
		return 0;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type == INET_DIAG_CGROUP_ID) {
			__u64 id;

			memcpy(&id, RTA_DATA(attribute), sizeof(id));
			return !contains(search->cgroups, search->cgroup_count, id);
		}
	}
	return 0;
}

static int send_request(struct search *search, int netlink, int type, int flags, int family, int protocol,
		const struct inet_diag_sockid *id)
{
	struct diag_request request = {
		.header = {.nlmsg_len = sizeof(request), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags},
		.body = {.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = -1U},
	};

	if (id)
		request.body.id = *id;
	if (send(netlink, &request, sizeof(request), 0) < 0)
		return fail(search, "cannot ask about sockets", errno);
	return 0;
}

static int find(struct search *search, int netlink, int family, int protocol, struct inet_diag_sockid *found)
{
	static __thread char buffer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	int count = 0;

	if (send_request(search, netlink, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, family, protocol, NULL))
		return -1;
	for (;;) {
		ssize_t length = recv(netlink, buffer, sizeof(buffer), 0);
		struct nlmsghdr *message = (struct nlmsghdr *)buffer;

		if (length < 0)
			return fail(search, "cannot list sockets", errno);
		for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
			if (message->nlmsg_type == NLMSG_DONE)
				return count;
			if (message->nlmsg_type == NLMSG_ERROR) {
				int error = -((struct nlmsgerr *)NLMSG_DATA(message))->error;

				// A protocol whose diagnosis is not built in has no sockets that it would show.
				return error == ENOENT ? 0 : fail(search, "cannot list sockets", error);
			}
			if (is_foreign(search, message)) {
				if (count == MAX_FOUND)
					return fail(search, "too many sockets made outside of the cgroup", E2BIG);
				found[count++] = ((struct inet_diag_msg *)NLMSG_DATA(message))->id;
			}
		}
	}
}

static int destroy(struct search *search, int netlink, int family, int protocol, const struct inet_diag_sockid *id)
{
	char buffer[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = (struct nlmsghdr *)buffer;
	ssize_t length;
	int error;

	if (send_request(search, netlink, SOCK_DESTROY, NLM_F_ACK, family, protocol, id))
		return -1;
	length = recv(netlink, buffer, sizeof(buffer), 0);
	if (length < 0)
		return fail(search, "cannot destroy a socket", errno);
	if (!NLMSG_OK(message, length) || message->nlmsg_type != NLMSG_ERROR)
		return fail(search, "cannot destroy a socket", EBADMSG);
	error = -((struct nlmsgerr *)NLMSG_DATA(message))->error;
	if (error && error != ENOENT) // it closed meanwhile
		return fail(search, "cannot destroy a socket", error);
	search->destroyed += !error;
	return 0;
}

// On a thread of its own, so that no thread of the JVM ever changes its network namespace.
static void *run(void *argument)
{
	static const int families[] = {AF_INET, AF_INET6}, protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	struct search *search = argument;
	struct inet_diag_sockid *found = calloc(MAX_FOUND, sizeof(*found));
	int namespace = open(search->namespace, O_RDONLY | O_CLOEXEC), netlink = -1;

	if (!found || namespace < 0 || setns(namespace, CLONE_NEWNET)) {
		fail(search, "cannot enter the network namespace", errno);
		goto out;
	}
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (netlink < 0) {
		fail(search, "cannot open a netlink socket", errno);
		goto out;
	}
	for (int f = 0; f < 2; f++) {
		for (int p = 0; p < 2; p++) {
			int count = find(search, netlink, families[f], protocols[p], found);

			for (int i = 0; i < count; i++)
				if (destroy(search, netlink, families[f], protocols[p], &found[i]))
					goto out;
			if (count < 0)
				goto out;
		}
	}
out:
	if (netlink >= 0)
		close(netlink);
	if (namespace >= 0)
		close(namespace);
	free(found);
	return NULL;
}

JNIEXPORT jint JNICALL Java_dev_interdict_agent_kernel_Natives_destroySockets(JNIEnv *env, jclass class,
		jstring namespace, jlongArray inodes, jlongArray cgroups)
{
	struct search search = {
		.namespace = (*env)->GetStringUTFChars(env, namespace, NULL),
		.inodes = (*env)->GetLongArrayElements(env, inodes, NULL),
		.inode_count = (*env)->GetArrayLength(env, inodes),
		.cgroups = (*env)->GetLongArrayElements(env, cgroups, NULL),
		.cgroup_count = (*env)->GetArrayLength(env, cgroups),
	};
	char message[256];
	pthread_t thread;

	if (search.namespace && search.inodes && search.cgroups) {
		int error = pthread_create(&thread, NULL, run, &search);

		if (error)
			fail(&search, "cannot start a thread", error);
		else
			pthread_join(thread, NULL);
	}
	if (search.cgroups)
		(*env)->ReleaseLongArrayElements(env, cgroups, (jlong *)search.cgroups, JNI_ABORT);
	if (search.inodes)
		(*env)->ReleaseLongArrayElements(env, inodes, (jlong *)search.inodes, JNI_ABORT);
	if (search.error) {
		jclass type = (*env)->FindClass(env, "java/io/IOException");

		snprintf(message, sizeof(message), "%s of %s: %s", search.failed, search.namespace, strerror(search.error));
		if (type)
			(*env)->ThrowNew(env, type, message);
	}
	if (search.namespace)
		(*env)->ReleaseStringUTFChars(env, namespace, search.namespace);
	return search.destroyed;
}
