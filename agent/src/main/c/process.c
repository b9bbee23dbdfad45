// SPDX-License-Identifier: Apache-2.0
// Signals a process by a descriptor of it, so that a pid that is used again is never hit, and locks files.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#define START_TIME 19 // 22nd field of stat, counted from the one after the name

static void throw_io(JNIEnv *env, const char *what, const char *subject, int error)
{
	char message[512];
	jclass type = (*env)->FindClass(env, "java/io/IOException");

	snprintf(message, sizeof(message), "%s %s: %s", what, subject, strerror(error));
	if (type)
		(*env)->ThrowNew(env, type, message);
}

// In ticks since boot; -1 if there is no such process.
static long long start_time(int pid)
{
	char path[32], stat[1024], *field;
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	length = read(file, stat, sizeof(stat) - 1);
	close(file);
	if (length <= 0)
		return -1;
	stat[length] = 0;
	field = strrchr(stat, ')');
	for (int i = 0; field && i <= START_TIME; i++)
		field = strchr(field + 1, ' ');
	return field ? atoll(field + 1) : -1;
}

// The descriptor names whoever has the pid now. If the process found there afterwards began when the target did, it
// had the pid all the time, and so the descriptor is the target's.
JNIEXPORT jboolean JNICALL Java_dev_interdict_agent_kernel_Natives_signal(JNIEnv *env, jclass class, jint pid,
		jlong started, jint signal)
{
	char subject[32];
	int process = syscall(SYS_pidfd_open, pid, 0), error;

	snprintf(subject, sizeof(subject), "pid=%d", pid);
	if (process < 0) {
		if (errno != ESRCH && errno != EINVAL) // EINVAL: a thread that leads no process
			throw_io(env, "cannot open process", subject, errno);
		return JNI_FALSE;
	}
	if (start_time(pid) != started) {
		close(process);
		return JNI_FALSE;
	}
	error = syscall(SYS_pidfd_send_signal, process, signal, NULL, 0) ? errno : 0;
	close(process);
	if (error && error != ESRCH)
		throw_io(env, "cannot signal process", subject, error);
	return !error;
}

// A descriptor that holds the lock until it is closed, by whatever end of this process; -1 if another holds it.
JNIEXPORT jint JNICALL Java_dev_interdict_agent_kernel_Natives_lockFile(JNIEnv *env, jclass class, jstring file)
{
	const char *path = (*env)->GetStringUTFChars(env, file, NULL);
	int descriptor;

	if (!path)
		return -1;
	descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0) {
		throw_io(env, "cannot open", path, errno);
	} else if (flock(descriptor, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			throw_io(env, "cannot lock", path, errno);
		close(descriptor);
		descriptor = -1;
	}
	(*env)->ReleaseStringUTFChars(env, file, path);
	return descriptor;
}

// What is free goes back to the kernel: libbpf had all of its types in memory, the JVM what it compiled.
JNIEXPORT void JNICALL Java_dev_interdict_agent_kernel_Natives_releaseFreeMemory(JNIEnv *env, jclass class)
{
	malloc_trim(0);
}
