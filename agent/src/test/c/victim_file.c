// SPDX-License-Identifier: Apache-2.0
// The kinds of files: one real system call of each, by each of its names.
#include "victim.h"
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#define SYS_FCHMODAT2 452
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

static void make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	check(fd >= 0, name);
	close(fd);
}

static int opened(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC);
	check(fd >= 0, name);
	return fd;
}

/* All in the folder of the argument, by relative names. */
static void change(const char *action, int folder)
{
	if (strcmp(action, "rename") == 0) {
		make("rename-a");
		check(rename("./rename-a", "../") != 0, "rename onto a folder"); /* not refused, but wrong: no event */
		check(rename("./rename-a", "sub/../rename-b") == 0, "rename");
		check(renameat(folder, "rename-b", AT_FDCWD, "rename-c") == 0, "renameat");
		check(renameat2(AT_FDCWD, "rename-c", folder, "rename-d", RENAME_NOREPLACE) == 0, "renameat2");
	} else if (strcmp(action, "unlink") == 0) {
		make("unlink-a");
		make("unlink-b");
		check(mkdir("unlink-c", 0755) == 0 && mkdir("unlink-d", 0755) == 0, "mkdir");
		check(syscall(SYS_unlinkat, folder, "unlink-a", 0) == 0, "unlinkat");
		check(unlink("unlink-b") == 0, "unlink");
		check(rmdir("unlink-c/") == 0, "rmdir");
		check(unlinkat(folder, "unlink-d", AT_REMOVEDIR) == 0, "unlinkat");
	} else if (strcmp(action, "truncate") == 0) {
		make("truncate-a");
		check(truncate("truncate-a", 4096) == 0, "truncate");
		check(ftruncate(opened("truncate-a", O_WRONLY), 7) == 0, "ftruncate");
		check(ftruncate(memfd_create("nameless", MFD_CLOEXEC), 12345) == 0, "ftruncate of memory");
	} else if (strcmp(action, "link") == 0) {
		make("link-a");
		check(link("link-a", "link-b") == 0, "link");
		check(linkat(opened("link-a", O_RDONLY), "", folder, "link-c", AT_EMPTY_PATH) == 0, "linkat");
		check(symlink("../etc/./shadow", "link-d") == 0, "symlink");
		check(symlinkat("/etc/passwd", folder, "link-e") == 0, "symlinkat");
	} else if (strcmp(action, "chmod") == 0) {
		make("chmod-a");
		check(chmod("chmod-a", 04755) == 0, "chmod");
		check(fchmod(opened("chmod-a", O_RDONLY), 02711) == 0, "fchmod");
		check(fchmodat(folder, "chmod-a", 0600, 0) == 0, "fchmodat");
		if (syscall(SYS_FCHMODAT2, folder, "chmod-a", 0640, 0) != 0)
			check(errno == ENOSYS, "fchmodat2");
	} else if (strcmp(action, "chown") == 0) {
		make("chown-a");
		check(chown("chown-a", 1, 2) == 0, "chown");
		check(fchown(opened("chown-a", O_RDONLY), 3, -1) == 0, "fchown");
		check(lchown("chown-a", 4, 4) == 0, "lchown");
		check(fchownat(folder, "chown-a", 5, 5, AT_SYMLINK_NOFOLLOW) == 0, "fchownat");
	} else if (strcmp(action, "mknod") == 0) {
		umask(027);
		check(mknod("mknod-a", S_IFIFO | 0666, 0) == 0, "mknod");
		check(mknodat(folder, "mknod-b", S_IFBLK | 0660, makedev(8, 300)) == 0, "mknodat");
	} else {
		errx(2, "unknown action %s", action);
	}
}

/* What others may not: every call is refused. */
static void refused(const char *name)
{
	char other[4096];
	snprintf(other, sizeof(other), "%s-other", name);
	int fd = opened(name, O_RDONLY);
	check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
	check(rename(name, other) < 0, "rename");
	check(unlink(name) < 0, "unlink");
	check(truncate(name, 0) < 0, "truncate");
	check(symlink("x", other) < 0, "symlink");
	check(chmod(name, 04777) < 0, "chmod");
	check(fchown(fd, 65534, 65534) < 0, "fchown");
	check(mknod(other, S_IFCHR | 0666, makedev(1, 1)) < 0, "mknod");
}

#if defined(__x86_64__)
static long call32(int number, long b, long c, long d)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(b), "c"(c), "d"(d) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

/* By the 32-bit table, out of a 64-bit process. */
static void change32(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_32BIT | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(low != MAP_FAILED, "mmap");
	make("compat-a");
	strcpy(low, "compat-a");
	strcpy(low + 100, "compat-b");
	check(call32(193, (long)low, 5, 1) == 0, "truncate64");
	check(call32(182, (long)low, 7, 0xffff) == 0, "chown of 16 bits");
	check(call32(38, (long)low, (long)(low + 100), 0) == 0, "rename");
	check(call32(10, (long)(low + 100), 0, 0) == 0, "unlink");
}
#endif

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	if (strcmp(action, "refused") == 0) {
		refused(arg);
	} else if (strcmp(action, "open") == 0) { /* for writing, and nothing is written */
		opened(arg, O_WRONLY);
	} else if (strcmp(action, "read") == 0) {
		opened(arg, O_RDONLY);
	} else if (strcmp(action, "open-in") == 0) { /* a file of that name, where the kernel may have none */
		check(mount("none", "/proc", "tmpfs", 0, NULL) == 0, "mount");
		make(arg);
		opened(arg, O_WRONLY);
	} else if (strcmp(action, "memory") == 0) { /* that of another process */
		char path[64];
		check(getpid() != 1 || mount("proc", "/proc", "proc", 0, NULL) == 0, "mount"); /* of this namespace */
		pid_t child = fork();
		if (child == 0)
			_exit(pause());
		snprintf(path, sizeof(path), "/proc/%d/mem", child);
		opened(path, O_WRONLY);
		kill(child, SIGKILL);
		wait_child(child);
	} else {
		check(chdir(arg) == 0 && (mkdir("sub", 0755) == 0 || errno == EEXIST), arg);
#if defined(__x86_64__)
		if (strcmp(action, "compat") == 0) {
			change32();
			return 0;
		}
#endif
		change(action, opened(".", O_RDONLY | O_DIRECTORY));
	}
	return 0;
}
