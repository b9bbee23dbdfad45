// SPDX-License-Identifier: Apache-2.0
// Attaches programs inside processes: to functions of files, by the inode, so that every process is covered that maps it.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "event.h"
#include "sensor.h"

#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name

#ifndef OVERLAYFS_SUPER_MAGIC
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#endif

static struct bpf_link *attach_at(const struct bpf_program *program, pid_t pid, bool at_return, const char *path,
				  const char *function, size_t offset, __u64 cookie)
{
	LIBBPF_OPTS(bpf_uprobe_opts, options, .retprobe = at_return, .func_name = function, .bpf_cookie = cookie);
	return bpf_program__attach_uprobe_opts(program, pid, path, offset, &options);
}

// To a function of this process that nobody calls often, for a moment.
int try_uprobe(const struct bpf_program *program)
{
	Dl_info libc;
	void *function = dlsym(RTLD_DEFAULT, "getppid");
	if (!function || !dladdr(function, &libc))
		return -ENOENT;
	struct bpf_link *link = attach_at(program, 0, false, libc.dli_fname, "getppid", 0, 0);
	if (!link)
		return -errno;
	bpf_link__destroy(link);
	return 0;
}

/*
 * Opens a regular file and tells what it is known by: device and inode; of an overlay, whose device is another for
 * every container, the time of the last change instead, as the layers' inodes are shared. Third: its size.
 */
JNIEXPORT jint JNICALL NATIVE(openImage)(JNIEnv *env, jclass type, jstring path, jlongArray identity)
{
	const char *name = (*env)->GetStringUTFChars(env, path, NULL);
	if (!name)
		return -ENOMEM;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error = errno;
	(*env)->ReleaseStringUTFChars(env, path, name);
	struct stat stat;
	struct statfs fs;
	if (fd < 0)
		return -error;
	if (fstat(fd, &stat) || fstatfs(fd, &fs) || !S_ISREG(stat.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	jlong values[3] = {(jlong)stat.st_dev, (jlong)stat.st_ino, (jlong)stat.st_size};
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC)
		values[0] = stat.st_ctim.tv_sec * 1000000000L + stat.st_ctim.tv_nsec;
	(*env)->SetLongArrayRegion(env, identity, 0, 3, values);
	return fd;
}

// At an offset of an open file; a link for `detachUprobe`, or a negative errno.
JNIEXPORT jlong JNICALL NATIVE(attachUprobe)(JNIEnv *env, jclass type, jlong handle, jstring symbol, jboolean at_return,
					     jint fd, jlong offset, jlong cookie)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	const char *name = (*env)->GetStringUTFChars(env, symbol, NULL);
	if (!name)
		return -ENOMEM;
	const struct bpf_program *program = bpf_object__find_program_by_name(sensor_object(handle), name);
	(*env)->ReleaseStringUTFChars(env, symbol, name);
	if (!program || bpf_program__fd(program) < 0)
		return -EOPNOTSUPP;
	struct bpf_link *link = attach_at(program, -1, at_return, path, NULL, offset, cookie);
	if (!link && errno == EOPNOTSUPP) // before 5.15 there are no cookies: the file stays unnamed
		link = attach_at(program, -1, at_return, path, NULL, offset, 0);
	return link ? (jlong)(intptr_t)link : -errno;
}

JNIEXPORT void JNICALL NATIVE(detachUprobe)(JNIEnv *env, jclass type, jlong link)
{
	bpf_link__destroy((struct bpf_link *)(intptr_t)link);
}

struct image { // of mapping.h
	__u64 inode;
	__u32 device;
	__u32 reserved;
};

// The kernel need not tell of this file again.
JNIEXPORT jint JNICALL NATIVE(knowImage)(JNIEnv *env, jclass type, jlong handle, jint device, jlong inode)
{
	struct image image = {.inode = inode, .device = device};
	__u32 known = 1;
	int map = bpf_object__find_map_fd_by_name(sensor_object(handle), "known_images");
	return bpf_map_update_elem(map, &image, &known, BPF_ANY) ? -errno : 0;
}

// It shall tell of every file again.
JNIEXPORT void JNICALL NATIVE(forgetImages)(JNIEnv *env, jclass type, jlong handle)
{
	int map = bpf_object__find_map_fd_by_name(sensor_object(handle), "known_images");
	struct image image;
	for (int i = 0; i < 1 << 20 && bpf_map_get_next_key(map, NULL, &image) == 0; i++)
		bpf_map_delete_elem(map, &image);
}
