// SPDX-License-Identifier: Apache-2.0
// What the victims share: victim [--in CGROUP] ACTION ARG... TOKEN
// The token is last in every argument list, so that a test finds what it caused.
#ifndef INTERDICT_VICTIM_H
#define INTERDICT_VICTIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *token;

static inline void check(int ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

static inline void wait_child(pid_t pid)
{
	int status;
	check(pid > 0 && waitpid(pid, &status, 0) == pid, "waitpid");
}

static inline void enter(const char *cgroup)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	int fd = open(path, O_WRONLY);
	check(fd >= 0 && write(fd, "0", 1) == 1, path);
	close(fd);
	check(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) == 0, "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "mount private");
	pid_t child = fork();
	if (child == 0)
		return; /* process 1 of its namespace */
	wait_child(child);
	_exit(0);
}

static inline void begin(int argc, char **argv, const char **action, const char **arg)
{
	if (argc > 2 && strcmp(argv[1], "--in") == 0) {
		enter(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc < 3)
		errx(2, "usage: victim [--in CGROUP] ACTION ARG... TOKEN");
	*action = argv[1];
	*arg = argv[2];
	token = argv[argc - 1];
}

#endif
