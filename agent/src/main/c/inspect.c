// SPDX-License-Identifier: Apache-2.0
// Finds what somebody who may do all has changed of the sensor while it runs, and mends it.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "sensor.h"

#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name
#define UNANSWERED_LIMIT 2 // a program does not run where another of its kind was interrupted

static void report(FILE *out, const char *state, const char *what)
{
	fprintf(out, "hook\t%s\t%s\n", state, what);
}

static void report_mended(FILE *out, const char *what, int error)
{
	char text[256];
	snprintf(text, sizeof(text), "%s%s%s", what, error ? ": " : "", error ? strerror(-error) : "");
	report(out, error ? "lost" : "restored", text);
}

// Of the links, only those of cgroups can be taken off by others; they stay, and hang on nothing.
static void inspect_links(struct sensor *sensor, FILE *out)
{
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		struct bpf_link_info info = {};
		__u32 size = sizeof(info);
		if (!sensor->links[i])
			continue;
		int error = bpf_obj_get_info_by_fd(bpf_link__fd(sensor->links[i]), &info, &size) ? -errno : 0;
		if (!error && (info.type != BPF_LINK_TYPE_CGROUP || info.cgroup.cgroup_id))
			continue;
		report(out, "detached", PROGRAMS[i].symbol);
		bpf_link__destroy(sensor->links[i]);
		sensor->links[i] = NULL;
		report_mended(out, PROGRAMS[i].symbol, sensor_attach(sensor, i));
	}
}

static bool copy_back(void *actual, const void *intended, size_t size)
{
	if (memcmp(actual, intended, size) == 0)
		return false;
	memcpy(actual, intended, size);
	return true;
}

// The filters are memory that whoever may do all can map as well.
static void inspect_filters(struct sensor *sensor, FILE *out)
{
	struct shared *shared = sensor->shared;
	if (!sensor->intended.self) { // first: the snapshot has been read, and what is watched is set
		sensor->intended.self = shared->self;
		memcpy(sensor->intended.watched[0], shared->watched_leaves, sizeof(shared->watched_leaves));
		memcpy(sensor->intended.watched[1], shared->watched_folders, sizeof(shared->watched_folders));
	}
	bool changed = copy_back(&shared->kinds, &sensor->intended.kinds, sizeof(shared->kinds));
	changed |= copy_back(&shared->scoped, &sensor->intended.scoped, sizeof(shared->scoped));
	changed |= copy_back(&shared->folded, &sensor->intended.folded, sizeof(shared->folded));
	changed |= copy_back(&shared->self, &sensor->intended.self, sizeof(shared->self));
	changed |= copy_back(shared->calls, sensor->intended.calls, sizeof(shared->calls));
	changed |= copy_back(shared->watched_leaves, sensor->intended.watched[0], sizeof(shared->watched_leaves));
	changed |= copy_back(shared->watched_folders, sensor->intended.watched[1], sizeof(shared->watched_folders));
	if (changed) {
		report(out, "changed", "filters");
		report_mended(out, "filters", 0);
	}
}

static __u32 id_of(int program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	return bpf_obj_get_info_by_fd(program, &info, &size) ? 0 : info.id;
}

static bool is_handed_on(struct sensor *sensor, const char *map, int number, __u32 id)
{
	__u32 found = 0;
	return bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(sensor->object, map), &number, &found) == 0 &&
	       found == id;
}

static void inspect_calls(struct sensor *sensor, FILE *out)
{
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		const struct program *program = &PROGRAMS[i];
		struct bpf_program *loaded = bpf_object__find_program_by_name(sensor->object, program->symbol);
		int fd = loaded ? bpf_program__fd(loaded) : -1;
		if (!is_call(program) || is_direct(&sensor->variants, i) || fd < 0)
			continue;
		__u32 id = id_of(fd);
		if ((program->native == NO_CALL || is_handed_on(sensor, "native_calls", program->native, id)) &&
		    (program->compat == NO_CALL || is_handed_on(sensor, "compat_calls", program->compat, id)))
			continue;
		report(out, "detached", program->symbol);
		report_mended(out, program->symbol, sensor_attach(sensor, i));
	}
}

// A call of the agent's own, which a program has to see and leave out.
static void sing(struct sensor *sensor, FILE *out)
{
	if (!(sensor->intended.kinds & 1ULL << KIND_MEMFD))
		return;
	__u32 before = *(volatile __u32 *)&sensor->shared->own;
	int fd = memfd_create("interdict", MFD_CLOEXEC);
	if (fd < 0)
		return;
	close(fd);
	bool heard = *(volatile __u32 *)&sensor->shared->own != before;
	if (!heard && ++sensor->unanswered == UNANSWERED_LIMIT)
		report(out, "silent", "system calls are not seen any more");
	if (heard && sensor->unanswered >= UNANSWERED_LIMIT)
		report(out, "restored", "system calls are seen again");
	if (heard)
		sensor->unanswered = 0;
}

// Lines of "component TAB state TAB detail", or null. All tables are looked through where it is to be thorough.
JNIEXPORT jstring JNICALL NATIVE(inspect)(JNIEnv *env, jclass type, jlong handle, jboolean thorough)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return NULL;
	inspect_links(sensor, out);
	sing(sensor, out);
	inspect_filters(sensor, out);
	if (thorough)
		inspect_calls(sensor, out);
	fclose(out);
	jstring result = length ? (*env)->NewStringUTF(env, text) : NULL;
	free(text);
	return result;
}

static jlong now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

// Monotonic, which stands while the host is suspended; since boot; since the epoch.
JNIEXPORT void JNICALL NATIVE(clocks)(JNIEnv *env, jclass type, jlongArray clocks)
{
	const jlong values[3] = {now(CLOCK_MONOTONIC), now(CLOCK_BOOTTIME), now(CLOCK_REALTIME)};
	(*env)->SetLongArrayRegion(env, clocks, 0, 3, values);
}
