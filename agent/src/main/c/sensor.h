// SPDX-License-Identifier: Apache-2.0
// What the parts of the sensor's native side know of each other.
#ifndef INTERDICT_SENSOR_H
#define INTERDICT_SENSOR_H

#include <bpf/libbpf.h>
#include <jni.h>
#include "event.h"
#include "programs.h"
#include "variants.h"

struct ring {
	int fd;
	size_t size;
	void *consumer;
	char *producer; // its page, then the data
};

struct sensor {
	struct bpf_object *object;
	int cgroup; // descriptor of the root
	struct bpf_link *links[PROGRAMS_LIMIT];
	struct variants variants;
	struct ring rings[LANES];
	struct shared *shared;
	size_t shared_size;
	void *repeats;
	size_t repeats_size;
	int epoll;
	struct {
		__u64 kinds, scoped, folded, calls[2][CALL_LIMIT / 64];
		__u64 watched[2][64];
		__u32 self;
	} intended; // what stands in `shared`, unless somebody else has written to it
	int unanswered; // canaries in a row
	int uprobes; // 1: not tried, 0: they work, or a negative errno
};

// The object of a handle that `open` returned.
struct bpf_object *sensor_object(jlong handle);

// Attaches the program of line `index`, or hands calls on to it; 0 or a negative errno.
int sensor_attach(struct sensor *sensor, int index);

// Lets the program at the exit of all calls hand this one on.
int sensor_hand_on(struct sensor *sensor, const char *map, int number, int fd);

// Before the object is loaded: bytes of each lane's ring, a power of two and whole pages.
void size_rings(struct bpf_object *object, const jint *sizes);

// Of the loaded object into `sensor`; 0 or a negative errno.
int map_rings(struct sensor *sensor);

// Also of what was mapped in part.
void unmap_rings(struct sensor *sensor);

// To be called for a program of a uprobe before it is loaded.
void prepare_uprobe(struct bpf_program *program);

// Whether programs can be attached inside processes here: 0 or a negative errno.
int try_uprobe(const struct bpf_program *program);

#endif
