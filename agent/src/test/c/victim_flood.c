// What a host may do to whoever watches it: victim_flood DIR PROCESSES FILES
// Short processes, files written, argument lists of 128 KiB, paths beyond 4,096 bytes, names that are no UTF-8.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 64
#define LONGEST_ARGUMENT (128 << 10)
#define LONGEST_NAME 255
#define DEPTH 24 // of the longest names: 6,144 bytes

static void check(int ok, const char *what)
{
	if (!ok)
		err(1, "%s", what);
}

static void run(char *const *arguments)
{
	pid_t pid = fork();
	check(pid >= 0, "fork");
	if (pid == 0) {
		execv("/bin/true", arguments);
		_exit(127);
	}
}

static void processes(int count)
{
	char *arguments[] = {"short", NULL};
	for (int i = 0; i < count; i++) {
		run(arguments);
		if (i >= AT_ONCE)
			wait(NULL);
	}
	while (wait(NULL) > 0)
		;
}

static void write_to(const char *name)
{
	int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	check(file >= 0, "open");
	close(file);
	check(unlink(name) == 0, "unlink");
}

static void files(int count)
{
	char name[64];
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		write_to(name);
	}
}

static void long_arguments(void)
{
	char *longest = malloc(LONGEST_ARGUMENT);
	memset(longest, '\xfe', LONGEST_ARGUMENT);
	longest[LONGEST_ARGUMENT - 1] = 0;
	char *arguments[] = {longest, longest, longest, NULL};
	for (int i = 0; i < 20; i++)
		run(arguments);
	while (wait(NULL) > 0)
		;
}

static void long_paths(void)
{
	char name[LONGEST_NAME + 1];
	memset(name, '\xc3', LONGEST_NAME); // the first half of a letter, over and over
	name[LONGEST_NAME] = 0;
	for (int i = 0; i < DEPTH; i++) {
		check(mkdir(name, 0700) == 0 && chdir(name) == 0, "mkdir");
		write_to("\xff\xfe\x80\nname");
	}
	for (int i = 0; i < DEPTH; i++)
		check(chdir("..") == 0 && rmdir(name) == 0, "rmdir");
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: victim_flood DIR PROCESSES FILES");
	check(chdir(argv[1]) == 0, argv[1]);
	long_arguments();
	long_paths();
	processes(atoi(argv[2]));
	files(atoi(argv[3]));
	return 0;
}
