// SPDX-License-Identifier: Apache-2.0
// Maps what the sensor's programs write into memory, where Java reads it itself, and waits for them.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "sensor.h"

#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name

static const char *const RINGS[LANES] = {"process_ring", "network_ring", "file_ring"};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t size)
{
	return (size + page_size() - 1) & ~(page_size() - 1);
}

void size_rings(struct bpf_object *object, const jint *sizes)
{
	for (int i = 0; i < LANES; i++)
		bpf_map__set_max_entries(bpf_object__find_map_by_name(object, RINGS[i]), sizes[i]);
}

int map_rings(struct sensor *sensor)
{
	for (int i = 0; i < LANES; i++) {
		struct ring *ring = &sensor->rings[i];
		struct bpf_map *map = bpf_object__find_map_by_name(sensor->object, RINGS[i]);
		ring->fd = bpf_map__fd(map);
		ring->size = bpf_map__max_entries(map);
		void *consumer = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
		if (consumer == MAP_FAILED)
			return -errno;
		ring->consumer = consumer;
		void *producer =
			mmap(NULL, page_size() + ring->size, PROT_READ, MAP_SHARED, ring->fd, page_size());
		if (producer == MAP_FAILED)
			return -errno;
		ring->producer = producer;
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
		if (epoll_ctl(sensor->epoll, EPOLL_CTL_ADD, ring->fd, &event))
			return -errno;
	}
	struct bpf_map *map = bpf_object__find_map_by_name(sensor->object, "repeats");
	size_t size = whole_pages(sizeof(struct repeats) * bpf_map__max_entries(map));
	void *repeats = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (repeats == MAP_FAILED)
		return -errno;
	sensor->repeats = repeats;
	sensor->repeats_size = size;
	map = bpf_object__find_map_by_name(sensor->object, ".bss");
	size = whole_pages(sizeof(struct shared));
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (shared == MAP_FAILED)
		return -errno;
	sensor->shared = shared;
	sensor->shared_size = size;
	return 0;
}

void unmap_rings(struct sensor *sensor)
{
	for (int i = 0; i < LANES; i++) {
		if (sensor->rings[i].consumer)
			munmap(sensor->rings[i].consumer, page_size());
		if (sensor->rings[i].producer)
			munmap(sensor->rings[i].producer, page_size() + sensor->rings[i].size);
	}
	if (sensor->repeats)
		munmap(sensor->repeats, sensor->repeats_size);
	if (sensor->shared)
		munmap(sensor->shared, sensor->shared_size);
	if (sensor->epoll >= 0)
		close(sensor->epoll);
}

JNIEXPORT jobject JNICALL NATIVE(repeats)(JNIEnv *env, jclass type, jlong handle)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	struct bpf_map *map = bpf_object__find_map_by_name(sensor->object, "repeats");
	return (*env)->NewDirectByteBuffer(env, sensor->repeats, sizeof(struct repeats) * bpf_map__max_entries(map));
}

JNIEXPORT jobject JNICALL NATIVE(shared)(JNIEnv *env, jclass type, jlong handle)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	return (*env)->NewDirectByteBuffer(env, sensor->shared, sizeof(struct shared));
}

JNIEXPORT jobject JNICALL NATIVE(consumer)(JNIEnv *env, jclass type, jlong handle, jint lane)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	return (*env)->NewDirectByteBuffer(env, sensor->rings[lane].consumer, page_size());
}

JNIEXPORT jobject JNICALL NATIVE(producer)(JNIEnv *env, jclass type, jlong handle, jint lane)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	return (*env)->NewDirectByteBuffer(env, sensor->rings[lane].producer, page_size());
}

JNIEXPORT jobject JNICALL NATIVE(data)(JNIEnv *env, jclass type, jlong handle, jint lane)
{
	struct ring *ring = &((struct sensor *)(intptr_t)handle)->rings[lane];
	return (*env)->NewDirectByteBuffer(env, ring->producer + page_size(), ring->size);
}

static jlong now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

// Also tells the clocks, so that Java needs no other call: boot minus monotonic, real minus boot.
JNIEXPORT jint JNICALL NATIVE(await)(JNIEnv *env, jclass type, jlong handle, jint timeout, jlongArray clocks)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	struct epoll_event events[LANES];
	int ready = epoll_wait(sensor->epoll, events, LANES, timeout);
	int error = ready < 0 ? -errno : ready;
	jlong monotonic = now(CLOCK_MONOTONIC), boot = now(CLOCK_BOOTTIME), real = now(CLOCK_REALTIME);
	const jlong values[2] = {boot - monotonic, real - boot};
	(*env)->SetLongArrayRegion(env, clocks, 0, 2, values);
	return error == -EINTR ? 0 : error;
}
