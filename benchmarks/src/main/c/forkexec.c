// SPDX-License-Identifier: Apache-2.0
// forkexec COUNT: so many times a child that executes /bin/true, one after the other.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	long rounds = count > 1 ? atol(arguments[1]) : 0;
	char *const command[] = {"/bin/true", NULL};
	char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
	for (long i = 0; i < rounds; i++) {
		pid_t child = fork();
		if (child < 0) {
			perror("fork");
			return 1;
		}
		if (child == 0) {
			execve(command[0], command, environment);
			_exit(127);
		}
		int status;
		if (waitpid(child, &status, 0) < 0 || status != 0) {
			fprintf(stderr, "forkexec: child %ld of %ld ended with status=%d\n", i, rounds, status);
			return 1;
		}
	}
	return rounds > 0 ? 0 : 2;
}
