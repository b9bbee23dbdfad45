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
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "event.h"
#include "sensor.h"

#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name

#ifndef OVERLAYFS_SUPER_MAGIC
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#endif

#define UPROBE_MULTI 48 // BPF_TRACE_UPROBE_MULTI, since 6.6
#define UPROBE_MULTI_RETURN 1

/*
 * Of `union bpf_attr`, which the headers of older systems do not have. This way of attaching takes what loading took,
 * CAP_BPF and CAP_PERFMON; by perf_event_open newer kernels let nobody attach inside processes without CAP_SYS_ADMIN.
 */
struct uprobe_multi {
	__u32 program;
	__u32 reserved;
	__u32 type;
	__u32 no_flags;
	__u64 path;
	__u64 offsets;
	__u64 counters;
	__u64 cookies;
	__u32 count;
	__u32 flags;
	__u32 pid;
	__u32 padding;
};

// Before it is loaded. Kernels that do not know this way ignore the wish.
void prepare_uprobe(struct bpf_program *program)
{
	bpf_program__set_expected_attach_type(program, UPROBE_MULTI);
}

static int attach_multi(const struct bpf_program *program, pid_t pid, bool at_return, const char *path, __u64 offset,
			__u64 cookie)
{
	struct uprobe_multi attributes = {
		.program = bpf_program__fd(program),
		.type = UPROBE_MULTI,
		.path = (__u64)(uintptr_t)path,
		.offsets = (__u64)(uintptr_t)&offset,
		.cookies = (__u64)(uintptr_t)&cookie,
		.count = 1,
		.flags = at_return ? UPROBE_MULTI_RETURN : 0,
		.pid = pid,
	};
	return syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));
}

static struct bpf_link *attach_by_perf(const struct bpf_program *program, pid_t pid, bool at_return, const char *path,
				       size_t offset, __u64 cookie)
{
	LIBBPF_OPTS(bpf_uprobe_opts, options, .retprobe = at_return, .bpf_cookie = cookie);
	struct bpf_link *link = bpf_program__attach_uprobe_opts(program, pid, path, offset, &options);
	if (link || errno != EOPNOTSUPP || !cookie)
		return link;
	options.bpf_cookie = 0; // before 5.15 there are no cookies: the file stays unnamed
	return bpf_program__attach_uprobe_opts(program, pid, path, offset, &options);
}

/*
 * A link for `detach`: a pointer, or a descriptor with a one behind it; or a negative errno. Without a pid it is for
 * every process.
 */
static jlong attach_at(const struct bpf_program *program, pid_t pid, bool at_return, const char *path, __u64 offset,
		       __u64 cookie)
{
	int fd = attach_multi(program, pid, at_return, path, offset, cookie);
	if (fd >= 0)
		return (jlong)fd << 1 | 1;
	int error = errno;
	struct bpf_link *link = attach_by_perf(program, pid ? pid : -1, at_return, path, offset, cookie);
	if (link)
		return (jlong)(intptr_t)link;
	return errno == EINVAL ? -error : -errno;
}

static void detach(jlong link)
{
	if (link & 1)
		close(link >> 1);
	else
		bpf_link__destroy((struct bpf_link *)(intptr_t)link);
}

// Where in its file a function of this process stands, or -1.
static long long file_offset(const void *function, char *path, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long long start, end, offset;
	long long found = -1;
	char line[4608];
	while (maps && found < 0 && fgets(line, sizeof(line), maps)) {
		int name = 0;
		if (sscanf(line, "%llx-%llx %*s %llx %*s %*s %n", &start, &end, &offset, &name) < 3 || !name ||
		    (uintptr_t)function < start || (uintptr_t)function >= end)
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(path, size, "%s", line + name);
		found = (uintptr_t)function - start + offset;
	}
	if (maps)
		fclose(maps);
	return found;
}

// To a function of this process that nobody calls often, for a moment.
int try_uprobe(const struct bpf_program *program)
{
	char path[4096];
	void *function = dlsym(RTLD_DEFAULT, "getppid");
	long long offset = function ? file_offset(function, path, sizeof(path)) : -1;
	if (offset < 0)
		return -ENOENT;
	jlong link = attach_at(program, getpid(), false, path, offset, 0);
	if (link < 0)
		return link;
	detach(link);
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
	return attach_at(program, 0, at_return, path, offset, cookie);
}

JNIEXPORT void JNICALL NATIVE(detachUprobe)(JNIEnv *env, jclass type, jlong link)
{
	detach(link);
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
