// SPDX-License-Identifier: Apache-2.0
// timed COMMAND [ARGUMENT ...]: runs it, prints the nanoseconds of wall time and of processor time that it and every
// descendant it waited for took. What a probe costs in the kernel is in there: it runs on the account of its victim.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long nanos(struct timeval time)
{
	return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
}

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int count, char **arguments)
{
	if (count < 2) {
		fprintf(stderr, "usage: %s COMMAND [ARGUMENT ...]\n", arguments[0]);
		return 2;
	}
	long long began = now();
	pid_t child = fork();
	if (child < 0) {
		perror("fork");
		return 1;
	}
	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(arguments[1], arguments + 1);
		fprintf(stderr, "%s: %s\n", arguments[1], strerror(errno));
		_exit(127);
	}
	int status;
	if (waitpid(child, &status, 0) < 0) {
		perror("waitpid");
		return 1;
	}
	long long wall = now() - began;
	struct rusage used;
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%lld %lld\n", wall, nanos(used.ru_utime) + nanos(used.ru_stime));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
