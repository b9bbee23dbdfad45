// SPDX-License-Identifier: Apache-2.0
// Makes one real system call of each kind happen: victim [--in CGROUP] ACTION ARG... TOKEN
// The token is last in every argument list, so that a test finds what it caused.
#include "victim.h"
#include <arpa/inet.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static void run_true(void)
{
	execl("/bin/true", "true", token, NULL);
	err(1, "execl");
}

static int connected(int family, int port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(family, SOCK_STREAM, 0);
	check(fd >= 0, "socket");
	if (family == AF_INET)
		check(connect(fd, (void *)&v4, sizeof(v4)) == 0, "connect");
	else
		check(connect(fd, (void *)&v6, sizeof(v6)) == 0, "connect");
	return fd;
}

static void accept_one(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	check(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
	check(getsockname(listener, (void *)&address, &length) == 0, "getsockname");
	pid_t child = fork();
	if (child == 0) {
		connected(AF_INET, ntohs(address.sin_port));
		_exit(0);
	}
	check(accept(listener, NULL, NULL) >= 0, "accept");
	wait_child(child);
}

static int copy_of(const char *from, int to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	struct stat size;
	check(in >= 0 && fstat(in, &size) == 0 && sendfile(to, in, NULL, size.st_size) == size.st_size, from);
	close(in);
	return to;
}

static void execute(int fd)
{
	char *const args[] = {"copy", token, NULL}, *const environment[] = {NULL};
	fexecve(fd, args, environment);
	err(1, "fexecve");
}

static void run_deleted(const char *path)
{
	close(copy_of("/bin/true", open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755)));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && unlink(path) == 0, path);
	execute(fd);
}

static void run_with(char **environment)
{
	char *const args[] = {"true", token, NULL};
	check(freopen("/dev/null", "w", stderr) != NULL, "stderr"); /* the linker complains */
	execve("/bin/true", args, environment);
	err(1, "execve");
}

/* A script, written aside, put in its place, and run by its relative name. */
static void run_script(const char *folder)
{
	const char text[] = "#!/bin/sh\n:\n";
	check(chdir(folder) == 0, folder);
	int fd = open("script.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	check(fd >= 0 && write(fd, text, sizeof(text) - 1) == sizeof(text) - 1 && close(fd) == 0, "script.new");
	check(rename("script.new", "script") == 0, "rename");
	execl("./script", "script", token, NULL);
	err(1, "execl");
}

/* The same program out of an overlay's lower and upper layer. */
static void run_layers(const char *folder)
{
	pid_t child;
	check(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "unshare");
	check(mount("none", folder, "tmpfs", 0, NULL) == 0 && chdir(folder) == 0, folder);
	check(mkdir("lower", 0755) == 0 && mkdir("upper", 0755) == 0, "mkdir");
	check(mkdir("work", 0755) == 0 && mkdir("merged", 0755) == 0, "mkdir");
	close(copy_of("/bin/true", open("lower/shipped", O_WRONLY | O_CREAT | O_CLOEXEC, 0755)));
	check(mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work") == 0, "overlay");
	close(copy_of("/bin/true", open("merged/added", O_WRONLY | O_CREAT | O_CLOEXEC, 0755)));
	child = fork();
	if (child == 0)
		execl("merged/shipped", "shipped", token, NULL);
	wait_child(child);
	child = fork();
	if (child == 0)
		execl("merged/added", "added", token, NULL);
	wait_child(child);
}

static void clone_with(__u64 flags, const char *cgroup)
{
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	if (cgroup) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(0);
	wait_child(child);
}

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	if (strcmp(action, "exec") == 0) {
		run_true();
	} else if (strcmp(action, "tree") == 0) {
		pid_t child = fork();
		if (child == 0) {
			pid_t grandchild = fork();
			if (grandchild == 0)
				run_true();
			wait_child(grandchild);
			_exit(0);
		}
		wait_child(child);
	} else if (strcmp(action, "environment") == 0) {
		run_with((char *[]){"HOME=/", "LD_PRELOAD=/tmp/evil.so", "LD_PRELOADED=no", "IFS=x", "PASSWORD=secret", NULL});
	} else if (strcmp(action, "script") == 0) {
		run_script(arg);
	} else if (strcmp(action, "layers") == 0) {
		run_layers(arg);
	} else if (strcmp(action, "namespaces") == 0) {
		clone_with(CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWUSER, NULL);
	} else if (strcmp(action, "into") == 0) {
		clone_with(0, arg);
	} else if (strcmp(action, "exit") == 0) {
		_exit(atoi(arg));
	} else if (strcmp(action, "die") == 0) {
		pid_t child = fork(); /* the first process of a namespace is spared by its own signals */
		if (child == 0)
			_exit(raise(atoi(arg)));
		wait_child(child);
	} else if (strcmp(action, "write") == 0) {
		check(open(arg, O_WRONLY | O_CREAT | O_TRUNC, 0644) >= 0, arg);
	} else if (strcmp(action, "read") == 0) {
		check(open(arg, O_RDONLY) >= 0, arg);
	} else if (strcmp(action, "openat2") == 0) {
		__u64 how[3] = {O_WRONLY | O_CREAT, 0644, 0};
		check(syscall(SYS_openat2, AT_FDCWD, arg, how, sizeof(how)) >= 0, arg);
	} else if (strcmp(action, "handle") == 0 || strcmp(action, "handle_refused") == 0) {
		int refused = strcmp(action, "handle") != 0;
		struct {
			struct file_handle head;
			unsigned char id[MAX_HANDLE_SZ];
		} handle = {.head.handle_bytes = MAX_HANDLE_SZ};
		int mount;
		check(name_to_handle_at(AT_FDCWD, arg, &handle.head, &mount, 0) == 0, "name_to_handle_at");
		char parent[4096];
		snprintf(parent, sizeof(parent), "%s", arg);
		*strrchr(parent, '/') = 0;
		int root = open(parent, O_RDONLY | O_DIRECTORY);
		check(root >= 0, parent);
		if (refused)
			check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
		int fd = open_by_handle_at(root, &handle.head, O_RDONLY);
		check(refused ? fd < 0 : fd >= 0, "open_by_handle_at");
#if defined(__x86_64__)
	} else if (strcmp(action, "open32") == 0) { /* a call of the 32-bit table out of a 64-bit process */
		char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_32BIT | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		int fd;
		check(low != MAP_FAILED, "mmap");
		strncpy(low, arg, 4095);
		__asm__ volatile("int $0x80" : "=a"(fd) : "a"(5), "b"(low), "c"(0101), "d"(0644) : "memory", "r8", "r9", "r10", "r11");
		check(fd >= 0, "open32");
#endif
	} else if (strcmp(action, "burst") == 0) { /* as fast as it can */
		for (int i = atoi(arg); i > 0; i--)
			close(open("/proc/self/comm", O_WRONLY));
	} else if (strcmp(action, "refused") == 0) {
		check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
		check(open(arg, O_RDONLY) < 0, arg);
	} else if (strcmp(action, "mounted") == 0) { /* a file below a mount point below another */
		check(mount("none", arg, "tmpfs", 0, NULL) == 0 && chdir(arg) == 0 && mkdir("inner", 0755) == 0, "mount");
		check(mount("none", "inner", "tmpfs", 0, NULL) == 0, "mount");
		check(open("inner/file", O_WRONLY | O_CREAT, 0644) >= 0, "inner/file");
	} else if (strcmp(action, "connect") == 0) {
		connected(AF_INET, atoi(arg));
	} else if (strcmp(action, "connect6") == 0) {
		connected(AF_INET6, atoi(arg));
	} else if (strcmp(action, "accept") == 0) {
		accept_one();
	} else if (strcmp(action, "dup2") == 0) {
		check(dup2(connected(AF_INET, atoi(arg)), 0) == 0, "dup2");
		run_true();
	} else if (strcmp(action, "dup3") == 0) {
		check(dup3(connected(AF_INET, atoi(arg)), 1, 0) == 1, "dup3");
	} else if (strcmp(action, "fcntl") == 0) {
		int fd = connected(AF_INET, atoi(arg));
		close(0);
		check(fcntl(fd, F_DUPFD, 0) == 0, "fcntl");
	} else if (strcmp(action, "memfd") == 0) {
		execute(copy_of("/bin/true", memfd_create("payload", MFD_CLOEXEC)));
	} else if (strcmp(action, "deleted") == 0) {
		run_deleted(arg);
	} else if (strcmp(action, "drop") == 0) {
		close(copy_of("/bin/true", open(arg, O_WRONLY | O_CREAT | O_CLOEXEC, 0755)));
		execl(arg, "dropped", token, NULL);
		err(1, "execl");
	} else {
		errx(2, "unknown action %s", action);
	}
	return 0;
}
