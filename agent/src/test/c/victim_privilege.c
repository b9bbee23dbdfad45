// SPDX-License-Identifier: Apache-2.0
// The kinds of privilege and escape: one real system call of each. Nothing outlives it: mounts stand in a mount
// namespace of its own, what is killed is its own, no module and no kernel is real.
#include "victim.h"
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdint.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#define NOBODY 65534

static void expect(long result, int error, const char *what)
{
	if (error ? result != -1 || errno != error : result < 0)
		errx(1, "%s: %ld %s", what, result, strerror(errno));
}

static void become_nobody(void)
{
	check(setgid(NOBODY) == 0 && setuid(NOBODY) == 0, "setuid");
}

static void ids(const char *how)
{
	if (strcmp(how, "same") == 0) {
		check(setuid(getuid()) == 0 && setresgid(-1, getegid(), -1) == 0, "same");
		check(setfsuid(-1) == 0, "setfsuid");
	} else if (strcmp(how, "drop") == 0) {
		check(setresuid(NOBODY, NOBODY, 0) == 0, "setresuid");
		check(setreuid(-1, 0) == 0, "setreuid");
	} else if (strcmp(how, "group") == 0) {
		check(setregid(-1, NOBODY) == 0, "setregid");
	} else if (strcmp(how, "files") == 0) {
		setfsuid(NOBODY);
	} else if (strcmp(how, "refused") == 0) {
		become_nobody();
		expect(setuid(0), EPERM, "setuid");
#if defined(__x86_64__)
	} else if (strcmp(how, "16") == 0) { /* setuid of the 32-bit table, which knows 16 bits only */
		int result;
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(23), "b"(NOBODY) : "memory", "r8", "r9", "r10", "r11");
		check(result == 0, "setuid16");
#endif
	} else {
		errx(2, "unknown ids %s", how);
	}
}

static void capabilities(int refused)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	check(syscall(SYS_capget, &header, data) == 0, "capget");
	if (refused) {
		become_nobody();
		data[0].effective = data[0].permitted = 1 << CAP_SYS_ADMIN;
		data[1].effective = data[1].permitted = 0;
		expect(syscall(SYS_capset, &header, data), EPERM, "capset");
		return;
	}
	data[0].effective &= ~(1U << CAP_SYS_CHROOT);
	check(syscall(SYS_capset, &header, data) == 0, "capset");
	data[0].effective |= 1U << CAP_SYS_CHROOT;
	check(syscall(SYS_capset, &header, data) == 0, "capset");
}

static void namespaces(const char *how)
{
	if (strcmp(how, "new") == 0) {
		check(unshare(CLONE_NEWUTS | CLONE_NEWNET | CLONE_FS) == 0, "unshare");
	} else if (strcmp(how, "files") == 0) {
		check(unshare(CLONE_FILES) == 0, "unshare");
	} else if (strcmp(how, "enter") == 0) {
		int fd = open("/proc/self/ns/uts", O_RDONLY);
		check(fd >= 0 && setns(fd, 0) == 0, "setns");
	} else if (strcmp(how, "process") == 0) {
		int fd = syscall(SYS_pidfd_open, getpid(), 0);
		check(fd >= 0 && setns(fd, CLONE_NEWUTS | CLONE_NEWIPC) == 0, "setns");
	} else { /* a bound one, whose path says where it was found */
		check(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
		check(mount("/proc/self/ns/uts", how, NULL, MS_BIND, NULL) == 0, "bind");
		int fd = open(how, O_RDONLY);
		check(fd >= 0 && setns(fd, CLONE_NEWUTS) == 0, "setns");
	}
}

static void mounts(const char *directory)
{
	check(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	check(chdir(directory) == 0, "chdir");
	check(mount("victim", "a", "tmpfs", MS_NOSUID, NULL) == 0, "mount");
	check(mount(directory, "b", NULL, MS_BIND, NULL) == 0, "bind");
	check(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0, "remount");
	check(umount2("b", MNT_DETACH) == 0, "umount");
	int context = syscall(SYS_fsopen, "tmpfs", 0);
	check(context >= 0, "fsopen");
	check(syscall(SYS_fsconfig, context, 1 /* string */, "source", "victim", 0) == 0, "source");
	check(syscall(SYS_fsconfig, context, 6 /* create */, NULL, NULL, 0) == 0, "create");
	int tree = syscall(SYS_fsmount, context, 0, 0);
	check(tree >= 0, "fsmount");
	check(syscall(SYS_move_mount, tree, "", AT_FDCWD, "b", 4 /* from the empty path */) == 0, "move_mount");
	check(syscall(SYS_open_tree, AT_FDCWD, directory, 1 /* a clone */) >= 0, "open_tree");
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
	long result = syscall(SYS_mount_setattr, AT_FDCWD, "b", 0, &attributes, sizeof(attributes));
	check(result == 0 || errno == ENOSYS, "mount_setattr"); /* since 5.12 */
}

static void roots(const char *directory)
{
	char old[4096];
	check(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	check(mount("victim", directory, "tmpfs", 0, NULL) == 0, "mount");
	snprintf(old, sizeof(old), "%s/old", directory);
	check(mkdir(old, 0700) == 0, "mkdir");
	int pivoted = syscall(SYS_pivot_root, directory, old) == 0;
	check(pivoted || errno == EINVAL, "pivot_root"); /* the first root of all, an initramfs, stays */
	check(chdir(pivoted ? "/" : directory) == 0 && chroot("old") == 0, "chroot");
}

/* In a session of its own; ready once it said so. */
static pid_t sleeper(void)
{
	int ready[2];
	char byte;
	check(pipe(ready) == 0, "pipe");
	pid_t child = fork();
	if (child == 0) {
		setsid();
		alarm(60); /* whatever becomes of the others, the test does not wait for it longer */
		check(write(ready[1], "", 1) == 1, "write");
		for (;;)
			pause();
	}
	check(read(ready[0], &byte, 1) == 1, "read");
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	wait_child(child);
}

static void trace(const char *how)
{
	static long word = 1;
	struct user_regs_struct registers;
	struct iovec vector = {.iov_base = &registers, .iov_len = sizeof(registers)};
	pid_t child = sleeper();
	int status;
	if (strcmp(how, "refused") == 0) {
		pid_t stranger = fork();
		if (stranger == 0) {
			become_nobody();
			expect(ptrace(PTRACE_ATTACH, child, 0, 0), EPERM, "attach");
			_exit(0);
		}
		wait_child(stranger);
	} else if (strcmp(how, "seize") == 0) {
		check(ptrace(PTRACE_SEIZE, child, 0, 0) == 0, "seize");
	} else {
		check(ptrace(PTRACE_ATTACH, child, 0, 0) == 0 && waitpid(child, &status, 0) == child, "attach");
		for (int i = 0; i < 100; i++)
			check(ptrace(PTRACE_POKEDATA, child, &word, i) == 0, "poke");
		check(ptrace(PTRACE_GETREGSET, child, 1, &vector) == 0, "getregset");
		check(ptrace(PTRACE_SETREGSET, child, 1, &vector) == 0, "setregset");
	}
	end(child);
}

static void write_into(int refused)
{
	static char there[64];
	struct iovec local = {.iov_base = (char[37]){0}, .iov_len = 37}, remote = {.iov_base = there, .iov_len = 37};
	check(process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == 37, "own memory"); /* which is no event */
	pid_t child = sleeper();
	pid_t stranger = refused ? fork() : -1;
	if (stranger == 0) {
		become_nobody();
		expect(process_vm_writev(child, &local, 1, &remote, 1, 0), EPERM, "writev");
		_exit(0);
	}
	if (refused)
		wait_child(stranger);
	else
		check(process_vm_writev(child, &local, 1, &remote, 1, 0) == 37, "writev");
	end(child);
}

/* A second child signals the first, which is none of its own. */
static void signals(const char *how)
{
	pid_t target = sleeper();
	if (strcmp(how, "own") == 0) {
		end(target);
		return;
	}
	pid_t sender = fork();
	if (sender == 0) {
		if (strcmp(how, "refused") == 0) {
			become_nobody();
			expect(kill(target, SIGKILL), EPERM, "kill");
		} else if (strcmp(how, "pidfd-refused") == 0) {
			int fd = syscall(SYS_pidfd_open, target, 0);
			become_nobody();
			expect(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0), EPERM, "pidfd_send_signal");
		} else if (strcmp(how, "pidfd") == 0) {
			int fd = syscall(SYS_pidfd_open, target, 0);
			check(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) == 0, "pidfd_send_signal");
		} else if (strcmp(how, "thread") == 0) {
			check(syscall(SYS_tgkill, target, target, SIGSTOP) == 0, "tgkill");
		} else {
			check(kill(target, SIGKILL) == 0, "kill");
		}
		_exit(0);
	}
	wait_child(sender);
	end(target);
}

static void executable(const char *how)
{
	size_t page = 4096;
	if (strcmp(how, "both") == 0) {
		for (int i = 0; i < 20; i++)
			check(mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
				      MAP_FAILED,
			      "mmap");
		return;
	}
	int file = strcmp(how, "anonymous") == 0 ? -1 : open("/proc/self/exe", O_RDONLY);
	int flags = MAP_PRIVATE | (file < 0 ? MAP_ANONYMOUS : 0);
	char *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, flags, file, 0);
	check(memory != MAP_FAILED, "mmap");
	if (strcmp(how, "unwritten") != 0)
		memory[0] = 1;
	check(mprotect(memory, page, PROT_READ | PROT_EXEC) == 0, "mprotect");
}

static void modules(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, path);
	syscall(SYS_init_module, "not a module", 12, "answer=42");
	syscall(SYS_finit_module, fd, "answer=43", 0);
	syscall(SYS_delete_module, "interdict_no_such_module", O_NONBLOCK);
}

static void kernels(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, path);
	expect(syscall(SYS_kexec_load, 0, 0, NULL, 0xff00UL) < 0 ? 0 : -1, 0, "kexec_load");
	expect(syscall(SYS_kexec_file_load, fd, -1, 6, "quiet", 0xff00UL) < 0 ? 0 : -1, 0, "kexec_file_load");
}

static int bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int load(int type, const char *name)
{
	struct bpf_insn program[2] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attributes = {
		.prog_type = type, .insn_cnt = 2, .insns = (uintptr_t)program, .license = (uintptr_t) "GPL"};
	strncpy(attributes.prog_name, name, sizeof(attributes.prog_name) - 1);
	return bpf(BPF_PROG_LOAD, &attributes);
}

static void programs(const char *cgroup)
{
	int fd = load(BPF_PROG_TYPE_CGROUP_SKB, "victim"), directory = open(cgroup, O_RDONLY | O_DIRECTORY);
	check(fd >= 0 && directory >= 0, "load");
	union bpf_attr attach = {
		.target_fd = directory, .attach_bpf_fd = fd, .attach_type = BPF_CGROUP_INET_EGRESS,
		.attach_flags = BPF_F_ALLOW_MULTI};
	check(bpf(BPF_PROG_ATTACH, &attach) == 0, "attach");
	attach.attach_flags = 0;
	check(bpf(BPF_PROG_DETACH, &attach) == 0, "detach");
	union bpf_attr create = {
		.link_create.prog_fd = fd, .link_create.target_fd = directory, .link_create.attach_type = BPF_CGROUP_INET_EGRESS};
	int link = bpf(BPF_LINK_CREATE, &create);
	check(link >= 0, "link");
	union bpf_attr detach = {.link_detach.link_fd = link};
	check(bpf(BPF_LINK_DETACH, &detach) == 0, "link detach");
}

static void keys(void)
{
	char secret[16];
	long key = syscall(SYS_add_key, "user", "victim-key", "secret", 6, KEY_SPEC_PROCESS_KEYRING);
	check(key > 0, "add_key");
	check(syscall(SYS_keyctl, KEYCTL_READ, key, secret, sizeof(secret)) == 6, "read");
	check(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, "user", "victim-key", 0) == key, "search");
	check(syscall(SYS_request_key, "user", "victim-key", NULL, 0) == key, "request_key");
}

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	if (strcmp(action, "ids") == 0)
		ids(arg);
	else if (strcmp(action, "capabilities") == 0)
		capabilities(strcmp(arg, "refused") == 0);
	else if (strcmp(action, "namespaces") == 0)
		namespaces(arg);
	else if (strcmp(action, "mounts") == 0)
		mounts(arg);
	else if (strcmp(action, "mount-refused") == 0) {
		become_nobody();
		expect(mount("victim", "/mnt", "tmpfs", 0, NULL), EPERM, "mount");
		expect(chroot("/mnt/.."), EPERM, "chroot");
		expect(unshare(CLONE_NEWNS), EPERM, "unshare");
	} else if (strcmp(action, "roots") == 0)
		roots(arg);
	else if (strcmp(action, "trace") == 0)
		trace(arg);
	else if (strcmp(action, "traceme") == 0)
		check(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0, "traceme");
	else if (strcmp(action, "write") == 0)
		write_into(strcmp(arg, "refused") == 0);
	else if (strcmp(action, "signals") == 0)
		signals(arg);
	else if (strcmp(action, "memfd") == 0) {
		check(memfd_create(arg, MFD_CLOEXEC) >= 0, "memfd_create");
		check(syscall(447 /* memfd_secret */, 0) >= 0 || errno == ENOSYS, "memfd_secret");
	} else if (strcmp(action, "executable") == 0)
		executable(arg);
	else if (strcmp(action, "userfaultfd") == 0)
		check(syscall(SYS_userfaultfd, O_CLOEXEC) >= 0, "userfaultfd");
	else if (strcmp(action, "modules") == 0)
		modules(arg);
	else if (strcmp(action, "kernels") == 0)
		kernels(arg);
	else if (strcmp(action, "programs") == 0)
		programs(arg);
	else if (strcmp(action, "keys") == 0)
		keys();
	else
		errx(2, "unknown action %s", action);
	return 0;
}
