// SPDX-License-Identifier: Apache-2.0
// Loads and attaches the sensor's programs, and tells them what is wanted.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include "event.h"
#include "programs.h"
#include "sensor.h"
#include "tracepoints.h"

#define ON_SYSCALL "on_syscall"
#define NATIVE(name) Java_dev_interdict_agent_kernel_Natives_##name

extern const char bpf_interdict_start[], bpf_interdict_end[];

struct bpf_object *sensor_object(jlong handle)
{
	return ((struct sensor *)(intptr_t)handle)->object;
}

// The last complaint of libbpf on this thread, and of the verifier: the only place where they say why.
static _Thread_local char complaint[512], verdict[256];

// The verifier's log ends with its complaint, a line of statistics, and a mark of libbpf's.
static void remember_verdict(char *log)
{
	char *end = strstr(log, "\nprocessed ");
	if (!end)
		return;
	*end = 0;
	char *line = strrchr(log, '\n');
	snprintf(verdict, sizeof(verdict), "%s", line ? line + 1 : log);
}

static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *line;
	if (level != LIBBPF_WARN || vasprintf(&line, format, arguments) < 0)
		return 0;
	if (strstr(line, "-- BEGIN PROG LOAD LOG --"))
		remember_verdict(line);
	line[strcspn(line, "\n")] = 0;
	if (strncmp(line, "libbpf: failed to load object", 29) != 0)
		snprintf(complaint, sizeof(complaint), "%s", line);
	free(line);
	return 0;
}

static void throw_io(JNIEnv *env, const char *what, int error)
{
	char message[1024];
	snprintf(message, sizeof(message), "%s: %s (%s)", what, strerror(error), complaint[0] ? complaint : "no detail");
	(*env)->ThrowNew(env, (*env)->FindClass(env, "java/io/IOException"), message);
}

static struct bpf_object *open_object(const jint *ring_sizes, bool preemptible)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "interdict");
	struct bpf_object *object =
		bpf_object__open_mem(bpf_interdict_start, bpf_interdict_end - bpf_interdict_start, &options);
	if (!object)
		return NULL;
	struct bpf_program *program;
	bpf_object__for_each_program(program, object)
		if (bpf_program__type(program) == BPF_PROG_TYPE_KPROBE)
			prepare_uprobe(program);
	size_rings(object, ring_sizes);
	int cpus = libbpf_num_possible_cpus(), per_cpu = preemptible ? SCRATCHES_LIMIT : 1;
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "scratches"), cpus * per_cpu);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "scratch_owners"), cpus);
	bpf_map__set_initial_value(bpf_object__find_map_by_name(object, ".rodata.scratches"), &per_cpu, sizeof(per_cpu));
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "repeats"), cpus);
	return object;
}

static void close_sensor(struct sensor *sensor)
{
	for (int i = 0; i < PROGRAMS_LIMIT; i++)
		if (sensor->links[i])
			bpf_link__destroy(sensor->links[i]);
	leave_direct(&sensor->variants);
	unmap_rings(sensor);
	if (sensor->cgroup >= 0)
		close(sensor->cgroup);
	bpf_object__close(sensor->object);
	free(sensor);
}

static struct bpf_program *program_of(struct sensor *sensor, int index)
{
	return bpf_object__find_program_by_name(sensor->object, PROGRAMS[index].symbol);
}

static void set_text(JNIEnv *env, jobjectArray reasons, int index, const char *text)
{
	(*env)->SetObjectArrayElement(env, reasons, index, (*env)->NewStringUTF(env, text));
}

static void set_reason(JNIEnv *env, jobjectArray reasons, int index, const char *step, int error)
{
	char text[1024];
	snprintf(text, sizeof(text), "%s: %s%s%s", step, strerror(error < 0 ? -error : error), verdict[0] ? ": " : "", verdict);
	set_text(env, reasons, index, text);
}

// Why no call is seen at the end of its function.
static void set_all_direct(JNIEnv *env, jobjectArray reasons, const char *step, int error)
{
	for (int i = 0; i < PROGRAM_COUNT; i++)
		if (is_call(&PROGRAMS[i]))
			set_reason(env, reasons, PROGRAM_COUNT + i, step, error);
}

// Marks what was made for kernels other than this.
static void leave_out(JNIEnv *env, jobjectArray reasons, bool *left)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	char reason[256];
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		left[i] = kernel && !fits(kernel, PROGRAMS[i].symbol, reason, sizeof(reason));
		if (left[i])
			set_text(env, reasons, i, reason);
	}
	btf__free(kernel);
}

// The one that libbpf's last complaint is about, or -1.
static int blamed(bool *at_end)
{
	char symbol[64];
	if (sscanf(complaint, "libbpf: prog '%63[^']'", symbol) != 1)
		return -1;
	for (int i = 0; i < PROGRAM_COUNT; i++)
		if (strcmp(symbol, PROGRAMS[i].symbol) == 0 || (*at_end = is_at_end(i, symbol)))
			return i;
	return -1;
}

// Loads what can be loaded. An object is loaded whole or not at all: what libbpf blames is left out the next time.
static int load(JNIEnv *env, struct sensor *sensor, const jint *sizes, jobjectArray reasons)
{
	bool left_out[PROGRAMS_LIMIT] = {false};
	leave_out(env, reasons, left_out);
	for (;;) {
		sensor->object = open_object(sizes, sensor->variants.direct);
		if (!sensor->object)
			return -errno;
		choose_variants(&sensor->variants, sensor->object);
		verdict[0] = 0;
		for (int i = 0; i < PROGRAM_COUNT; i++)
			if (left_out[i])
				bpf_program__set_autoload(program_of(sensor, i), false);
		int error = bpf_object__load(sensor->object);
		if (!error)
			return 0;
		bool at_end = false;
		int index = blamed(&at_end);
		bool *mark = at_end ? &sensor->variants.failed[index] : &left_out[index];
		if (index < 0 || *mark)
			return error;
		*mark = true;
		set_reason(env, reasons, at_end ? PROGRAM_COUNT + index : index, "load", error);
		bpf_object__close(sensor->object);
		sensor->object = NULL;
	}
}

int sensor_hand_on(struct sensor *sensor, const char *map, int number, int fd)
{
	return bpf_map_update_elem(bpf_object__find_map_fd_by_name(sensor->object, map), &number, &fd, BPF_ANY);
}

int sensor_attach(struct sensor *sensor, int index)
{
	const struct program *program = &PROGRAMS[index];
	struct bpf_program *loaded = program_of(sensor, index);
	int fd = bpf_program__fd(loaded);
	if (is_direct(&sensor->variants, index)) {
		return attach_direct(&sensor->variants, sensor->object, index);
	} else if (is_call(program)) {
		if (program->native != NO_CALL && sensor_hand_on(sensor, "native_calls", program->native, fd))
			return -errno;
		if (program->compat != NO_CALL && sensor_hand_on(sensor, "compat_calls", program->compat, fd))
			return -errno;
	} else if (bpf_program__type(loaded) == BPF_PROG_TYPE_KPROBE) { // attached to each file when it is found
		if (sensor->uprobes > 0)
			sensor->uprobes = try_uprobe(loaded);
		return sensor->uprobes;
	} else if (bpf_program__type(loaded) == BPF_PROG_TYPE_CGROUP_SKB) {
		if (sensor->cgroup < 0)
			return -ENOENT;
		sensor->links[index] = bpf_program__attach_cgroup(loaded, sensor->cgroup);
		if (!sensor->links[index])
			return -errno;
	} else if (bpf_program__expected_attach_type(loaded) != BPF_TRACE_ITER) {
		sensor->links[index] = bpf_program__attach(loaded);
		if (!sensor->links[index])
			return -errno;
	}
	return 0;
}

// Those at the end of functions are attached by select, since each costs where it is; here only for the kinds that
// are wanted at once, to know the ones that have to be handed on. Those cannot be loaded later: -EAGAIN.
static int attach_all(JNIEnv *env, struct sensor *sensor, __u64 kinds, jobjectArray reasons)
{
	int error = 0;
	verdict[0] = 0;
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		struct bpf_program *program = program_of(sensor, i);
		if (sensor->variants.direct && strcmp(PROGRAMS[i].symbol, ON_SYSCALL) == 0) {
			continue; // select knows whether one is handed on
		} else if (is_direct(&sensor->variants, i)) {
			set_text(env, reasons, i, "not needed: " DIRECT_HOOK " is used");
			int failed = PROGRAMS[i].wanted & kinds ? sensor_attach(sensor, i) : 0;
			if (failed) {
				set_reason(env, reasons, PROGRAM_COUNT + i, "attach", failed);
				sensor->variants.failed[i] = true;
				error = -EAGAIN;
			}
		} else if (!program) {
			set_text(env, reasons, i, "not in this build");
		} else if (bpf_program__fd(program) >= 0) {
			int failed = sensor_attach(sensor, i);
			if (failed)
				set_reason(env, reasons, i, "attach", failed);
			else
				set_text(env, reasons, i, NULL);
		}
	}
	return error;
}

static void detach_all(struct sensor *sensor)
{
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		if (sensor->links[i])
			bpf_link__destroy(sensor->links[i]);
		sensor->links[i] = NULL;
	}
	leave_direct(&sensor->variants);
	bpf_object__close(sensor->object);
	sensor->object = NULL;
}

static void try_variants(JNIEnv *env, struct sensor *sensor, jobjectArray reasons)
{
	const jint page = sysconf(_SC_PAGESIZE), smallest[LANES] = {page, page, page};
	verdict[0] = 0;
	struct bpf_object *object = open_object(smallest, true);
	int error = object ? try_direct(object) : -errno;
	bpf_object__close(object);
	sensor->variants.direct = !error;
	if (error)
		set_all_direct(env, reasons, "not permitted on this kernel", error);
	verdict[0] = 0;
}

JNIEXPORT jlong JNICALL NATIVE(open)(JNIEnv *env, jclass type, jintArray ring_sizes, jstring cgroup, jlong kinds,
		jobjectArray reasons)
{
	jint sizes[LANES];
	(*env)->GetIntArrayRegion(env, ring_sizes, 0, LANES, sizes);
	if ((*env)->ExceptionCheck(env))
		return 0;
	libbpf_set_print(remember);
	complaint[0] = 0;
	// Only kernels before 5.11 count BPF memory by it; a container may not be allowed to raise it.
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});

	struct sensor *sensor = calloc(1, sizeof(*sensor));
	sensor->uprobes = 1;
	sensor->epoll = epoll_create1(EPOLL_CLOEXEC);
	const char *root = cgroup ? (*env)->GetStringUTFChars(env, cgroup, NULL) : NULL;
	sensor->cgroup = root ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (root)
		(*env)->ReleaseStringUTFChars(env, cgroup, root);
	int error = sensor->epoll < 0 ? -errno : 0;
	if (!error) {
		try_variants(env, sensor, reasons);
		error = load(env, sensor, sizes, reasons);
	}
	if (!error && attach_all(env, sensor, kinds, reasons) == -EAGAIN) {
		detach_all(sensor);
		error = load(env, sensor, sizes, reasons);
		if (!error)
			attach_all(env, sensor, kinds, reasons);
	}
	if (!error)
		error = map_rings(sensor);
	if (error) {
		throw_io(env, "cannot load the sensor's programs", -error);
		close_sensor(sensor);
		return 0;
	}
	return (jlong)(intptr_t)sensor;
}

// What is to be reported from now on. The hook of system calls is held only while one of them is wanted.
JNIEXPORT jint JNICALL NATIVE(select)(JNIEnv *env, jclass type, jlong handle, jlong kinds, jlong scoped,
		jlong folded)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	__u64 calls[2][CALL_LIMIT / 64] = {0};
	bool any = false;
	int error = 0, on_syscall = -1;
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		const struct program *program = &PROGRAMS[i];
		if (strcmp(program->symbol, ON_SYSCALL) == 0)
			on_syscall = i;
		if (!is_call(program))
			continue;
		if (is_direct(&sensor->variants, i)) {
			if (!(program->wanted & kinds))
				detach_direct(&sensor->variants, i);
			else if (sensor_attach(sensor, i))
				error = -EBUSY;
			continue;
		}
		if (!(program->wanted & kinds))
			continue;
		any = true;
		if (program->native != NO_CALL)
			calls[0][program->native / 64] |= 1ULL << (program->native % 64);
		if (program->compat != NO_CALL)
			calls[1][program->compat / 64] |= 1ULL << (program->compat % 64);
	}
	memcpy(sensor->shared->calls, calls, sizeof(calls));
	memcpy(sensor->intended.calls, calls, sizeof(calls));
	sensor->intended.kinds = kinds;
	sensor->intended.scoped = scoped;
	sensor->intended.folded = folded;
	sensor->shared->scoped = scoped;
	sensor->shared->folded = folded;
	sensor->shared->kinds = kinds;
	if (any && !sensor->links[on_syscall] && bpf_program__fd(program_of(sensor, on_syscall)) >= 0) {
		int failed = sensor_attach(sensor, on_syscall);
		error = failed ? failed : error;
	} else if (!any && sensor->links[on_syscall]) {
		bpf_link__destroy(sensor->links[on_syscall]);
		sensor->links[on_syscall] = NULL;
	}
	return error;
}

static int rules_of(struct sensor *sensor)
{
	return bpf_object__find_map_fd_by_name(sensor->object, "cgroup_rules");
}

JNIEXPORT jint JNICALL NATIVE(rule)(JNIEnv *env, jclass type, jlong handle, jlong cgroup, jlong kinds, jintArray caps)
{
	struct sensor *sensor = (struct sensor *)(intptr_t)handle;
	__u64 id = cgroup;
	struct cgroup_rule rule = {};
	jint values[LANES];
	bpf_map_lookup_elem(rules_of(sensor), &id, &rule); // what it has counted stays
	(*env)->GetIntArrayRegion(env, caps, 0, LANES, values);
	if ((*env)->ExceptionCheck(env))
		return 0;
	rule.kinds = kinds;
	for (int i = 0; i < LANES; i++)
		rule.caps[i] = values[i];
	if (bpf_map_update_elem(rules_of(sensor), &id, &rule, BPF_ANY))
		return -errno;
	sensor->shared->ruled = 1;
	return 0;
}

JNIEXPORT jlong JNICALL NATIVE(capped)(JNIEnv *env, jclass type, jlong handle, jlong cgroup, jint lane)
{
	struct cgroup_rule rule = {};
	__u64 id = cgroup;
	bpf_map_lookup_elem(rules_of((struct sensor *)(intptr_t)handle), &id, &rule);
	return rule.capped[lane];
}

JNIEXPORT void JNICALL NATIVE(close)(JNIEnv *env, jclass type, jlong handle)
{
	close_sensor((struct sensor *)(intptr_t)handle);
}
