// SPDX-License-Identifier: Apache-2.0
// Files that only the kernel's own calls open: the list of processes, and a cgroup by its id.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "sensor.h"

#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name

// A file of records of every process, or a negative errno.
JNIEXPORT jint JNICALL NATIVE(openSnapshot)(JNIEnv *env, jclass type, jlong handle)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	struct bpf_program *program = bpf_object__find_program_by_name(sensor->object, "snapshot");
	if (!program || bpf_program__fd(program) < 0)
		return -EOPNOTSUPP;
	struct bpf_link *link = bpf_program__attach_iter(program, NULL);
	if (!link)
		return -errno;
	int fd = bpf_iter_create(bpf_link__fd(link));
	int error = errno;
	bpf_link__destroy(link);
	return fd < 0 ? -error : fd;
}

JNIEXPORT jint JNICALL NATIVE(read)(JNIEnv *env, jclass type, jint fd, jobject buffer, jint offset, jint length)
{
	char *memory = (*env)->GetDirectBufferAddress(env, buffer);
	ssize_t n;
	do
		n = read(fd, memory + offset, length);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (jint)n;
}

// Where the cgroup of this id stands below the mount, or null: the id is the file handle.
JNIEXPORT jstring JNICALL NATIVE(cgroupPath)(JNIEnv *env, jclass type, jstring mount, jlong id)
{
	struct {
		struct file_handle head;
		__u64 id;
	} handle = {.head = {.handle_bytes = sizeof(__u64), .handle_type = 0xfe}, .id = id}; // FILEID_KERNFS
	char link[64], path[4097];
	const char *root = (*env)->GetStringUTFChars(env, mount, NULL);
	size_t root_length = strlen(root);
	int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = root_fd < 0 ? -1 : open_by_handle_at(root_fd, &handle.head, O_PATH | O_CLOEXEC);
	ssize_t length = -1;
	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		length = readlink(link, path, sizeof(path) - 1);
		close(fd);
	}
	if (root_fd >= 0)
		close(root_fd);
	jstring result = NULL;
	if (length >= (ssize_t)root_length && memcmp(path, root, root_length) == 0) {
		path[length] = 0;
		result = (*env)->NewStringUTF(env, path[root_length] ? path + root_length : "/");
	}
	(*env)->ReleaseStringUTFChars(env, mount, root);
	return result;
}

JNIEXPORT void JNICALL NATIVE(closeFile)(JNIEnv *env, jclass type, jint fd)
{
	close(fd);
}
