// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "variants.h"
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYMBOL_LIMIT 64
#define TRIED "capset" // any call that every kernel has

#if defined(__x86_64__)
static const char *const NATIVE[] = {"__x64_sys_%s", NULL};
static const char *const COMPAT[] = {"__ia32_compat_sys_%s", "__ia32_sys_%s", NULL};
#else
static const char *const NATIVE[] = {"__arm64_sys_%s", NULL};
static const char *const COMPAT[] = {NULL};
#endif

// Where the function for the 32-bit call has another name.
static const char *const RENAMED[][2] = {
	{"fcntl", "fcntl64"}, {"truncate64", "ia32_truncate64"}, {"ftruncate64", "ia32_ftruncate64"}};

// In the order of struct variants.
static const char *const PROGRAM[2] = {"exit_%s", "exit32_%s"};

bool is_call(const struct program *program)
{
	return program->native != NO_CALL || program->compat != NO_CALL;
}

bool is_direct(const struct variants *variants, int index)
{
	return variants->direct && !variants->failed[index] && is_call(&PROGRAMS[index]);
}

static const char *name_of(const struct program *program)
{
	return program->symbol + strlen("call_");
}

bool is_at_end(int index, const char *symbol)
{
	char own[SYMBOL_LIMIT];
	for (int which = 0; which < 2 && is_call(&PROGRAMS[index]); which++) {
		snprintf(own, sizeof(own), PROGRAM[which], name_of(&PROGRAMS[index]));
		if (strcmp(own, symbol) == 0)
			return true;
	}
	return false;
}

static struct bpf_program *variant(struct bpf_object *object, const struct program *program, int which)
{
	char symbol[SYMBOL_LIMIT];
	snprintf(symbol, sizeof(symbol), PROGRAM[which], name_of(program));
	return bpf_object__find_program_by_name(object, symbol);
}

static bool find_function(const struct btf *kernel, const char *name, int which, char *function)
{
	for (size_t i = 0; which == 1 && i < sizeof(RENAMED) / sizeof(RENAMED[0]); i++)
		if (strcmp(name, RENAMED[i][0]) == 0)
			name = RENAMED[i][1];
	for (const char *const *format = which == 0 ? NATIVE : COMPAT; *format; format++) {
		snprintf(function, SYMBOL_LIMIT, *format, name);
		if (btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC) > 0)
			return true;
	}
	return false;
}

static void set_target(const struct btf *kernel, struct bpf_object *object, const struct program *program, int which)
{
	char function[SYMBOL_LIMIT];
	struct bpf_program *at_end = variant(object, program, which);
	if ((which == 0 ? program->native : program->compat) == NO_CALL || !at_end)
		return;
	if (find_function(kernel, name_of(program), which, function) &&
	    bpf_program__set_attach_target(at_end, 0, function) == 0)
		bpf_program__set_autoload(at_end, true);
}

int try_direct(struct bpf_object *object)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	struct bpf_program *program, *tried = NULL;
	if (!kernel)
		return -errno;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, false);
	for (int i = 0; i < PROGRAM_COUNT && !tried; i++) {
		if (is_call(&PROGRAMS[i]) && strcmp(name_of(&PROGRAMS[i]), TRIED) == 0) {
			set_target(kernel, object, &PROGRAMS[i], 0);
			tried = variant(object, &PROGRAMS[i], 0);
		}
	}
	btf__free(kernel);
	if (!tried || !bpf_program__autoload(tried))
		return -ENOENT;
	int error = bpf_object__load(object);
	if (error)
		return error;
	struct bpf_link *link = bpf_program__attach(tried);
	error = link ? 0 : -errno;
	if (link)
		bpf_link__destroy(link);
	return error;
}

void choose_variants(const struct variants *variants, struct bpf_object *object)
{
	struct btf *kernel = variants->direct ? btf__load_vmlinux_btf() : NULL;
	for (int i = 0; kernel && i < PROGRAM_COUNT; i++) {
		if (!is_direct(variants, i))
			continue;
		bpf_program__set_autoload(bpf_object__find_program_by_name(object, PROGRAMS[i].symbol), false);
		for (int which = 0; which < 2; which++)
			set_target(kernel, object, &PROGRAMS[i], which);
	}
	btf__free(kernel);
}

int attach_direct(struct variants *variants, struct bpf_object *object, int index)
{
	for (int which = 0; which < 2; which++) {
		struct bpf_program *program = variant(object, &PROGRAMS[index], which);
		if (!program || bpf_program__fd(program) < 0 || variants->links[index][which])
			continue;
		variants->links[index][which] = bpf_program__attach(program);
		if (!variants->links[index][which]) {
			int error = -errno;
			detach_direct(variants, index);
			return error;
		}
	}
	return 0;
}

void detach_direct(struct variants *variants, int index)
{
	for (int which = 0; which < 2; which++) {
		if (variants->links[index][which])
			bpf_link__destroy(variants->links[index][which]);
		variants->links[index][which] = NULL;
	}
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

// Keeps these descriptors of the process and no other: locks and sockets would outlive it by them.
static void keep_only(const int *sorted, int count)
{
	unsigned int from = 0;
	for (int i = 0; i < count; i++) {
		if ((unsigned int)sorted[i] > from)
			syscall(SYS_close_range, from, sorted[i] - 1, 0);
		from = sorted[i] + 1;
	}
	syscall(SYS_close_range, from, ~0U, 0);
}

void leave_direct(struct variants *variants)
{
	int fds[2 * PROGRAMS_LIMIT + 1], count = 0, closed[2], status;
	for (int i = 0; i < PROGRAM_COUNT; i++)
		for (int which = 0; which < 2; which++)
			if (variants->links[i][which])
				fds[count++] = bpf_link__fd(variants->links[i][which]);
	if (count > 0 && pipe2(closed, O_CLOEXEC) == 0) {
		fds[count++] = closed[0];
		qsort(fds, count, sizeof(fds[0]), compare);
		pid_t child = fork();
		if (child == 0) {
			char byte;
			if (fork() != 0)
				_exit(0);
			keep_only(fds, count);
			_exit(read(closed[0], &byte, 1) != 0); // waits until the other end is closed
		}
		if (child > 0)
			while (waitpid(child, &status, 0) < 0 && errno == EINTR)
				;
		close(closed[0]);
	} else {
		closed[1] = -1;
	}
	for (int i = 0; i < PROGRAM_COUNT; i++)
		detach_direct(variants, i);
	if (closed[1] >= 0)
		close(closed[1]);
}
