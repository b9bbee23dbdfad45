// SPDX-License-Identifier: Apache-2.0
// What the parts of the sensor's native side know of each other.
#ifndef INTERDICT_SENSOR_H
#define INTERDICT_SENSOR_H

#include <bpf/libbpf.h>
#include <jni.h>

// The object of a handle that `open` returned.
struct bpf_object *sensor_object(jlong handle);

// To be called for a program of a uprobe before it is loaded.
void prepare_uprobe(struct bpf_program *program);

// Whether programs can be attached inside processes here: 0 or a negative errno.
int try_uprobe(const struct bpf_program *program);

#endif
