// SPDX-License-Identifier: Apache-2.0
#include <asm/unistd.h>
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include "event.h"
#include "programs.h"
#include "variants.h"

#define HOOK(symbol, hook, kinds) {symbol, hook, kinds, 0, NO_CALL, NO_CALL}
#define BIT(kind) (1ULL << (kind))
#define CALL(name, native, compat, wanted, kinds) {"call_" #name, "tp_btf/sys_exit", kinds, wanted, native, compat}

#if defined(__x86_64__)
#define LEGACY_CALL(name, native, compat, wanted, kinds) CALL(name, native, compat, wanted, kinds),
#else
#define LEGACY_CALL(name, native, compat, wanted, kinds)
#endif

#define ACCEPTING (BIT(KIND_ACCEPT) | BIT(KIND_DISCONNECT)) // whose connection it is, until it ends

// The numbers of 32-bit calls are those of i386.
const struct program PROGRAMS[] = {
	HOOK("on_exec", "tp_btf/sched_process_exec", "exec,container"),
	HOOK("on_exit", "tp_btf/sched_process_exit", "exit"),
	HOOK("on_fork", "tp_btf/sched_process_fork", "fork"),
	HOOK("snapshot", "iter/task", "snapshot"),
	HOOK("on_socket_state", "tp_btf/inet_sock_set_state", "connect,listen,disconnect"),
	HOOK("on_egress", "cgroup_skb/egress", "udp,dns"),
	HOOK("on_signal", "tp_btf/signal_generate", "signal"),
	HOOK("on_ring_submit", "tp_btf/io_uring_submit", "io_uring"),
	HOOK("on_ring_submit_6_0", "tp_btf/io_uring_submit", "io_uring"),
	HOOK("on_ring_complete", "tp_btf/io_uring_complete", "io_uring"),
	HOOK("on_ring_complete_5_18", "tp_btf/io_uring_complete", "io_uring"),
	HOOK("on_syscall", "tp_btf/sys_exit", ""),
	CALL(openat, __NR_openat, 295, BIT(KIND_OPEN), "open,read"),
	CALL(openat2, __NR_openat2, 437, BIT(KIND_OPEN), "open,read"),
	CALL(open_by_handle_at, __NR_open_by_handle_at, 342, BIT(KIND_OPEN), "open"),
	LEGACY_CALL(open, __NR_open, 5, BIT(KIND_OPEN), "open,read")
	LEGACY_CALL(creat, __NR_creat, 8, BIT(KIND_OPEN), "open")
	LEGACY_CALL(rename, __NR_rename, 38, BIT(KIND_RENAME), "rename")
	CALL(renameat, __NR_renameat, 302, BIT(KIND_RENAME), "rename"),
	CALL(renameat2, __NR_renameat2, 353, BIT(KIND_RENAME), "rename"),
	LEGACY_CALL(unlink, __NR_unlink, 10, BIT(KIND_UNLINK), "unlink")
	LEGACY_CALL(rmdir, __NR_rmdir, 40, BIT(KIND_UNLINK), "unlink")
	CALL(unlinkat, __NR_unlinkat, 301, BIT(KIND_UNLINK), "unlink"),
	LEGACY_CALL(link, __NR_link, 9, BIT(KIND_LINK), "link")
	CALL(linkat, __NR_linkat, 303, BIT(KIND_LINK), "link"),
	LEGACY_CALL(symlink, __NR_symlink, 83, BIT(KIND_LINK), "link")
	CALL(symlinkat, __NR_symlinkat, 304, BIT(KIND_LINK), "link"),
	LEGACY_CALL(mknod, __NR_mknod, 14, BIT(KIND_MKNOD), "mknod")
	CALL(mknodat, __NR_mknodat, 297, BIT(KIND_MKNOD), "mknod"),
	LEGACY_CALL(chmod, __NR_chmod, 15, BIT(KIND_CHMOD), "chmod")
	CALL(fchmod, __NR_fchmod, 94, BIT(KIND_CHMOD), "chmod"),
	CALL(fchmodat, __NR_fchmodat, 306, BIT(KIND_CHMOD), "chmod"),
	CALL(fchmodat2, 452, 452, BIT(KIND_CHMOD), "chmod"),
	LEGACY_CALL(chown, __NR_chown, 212, BIT(KIND_CHOWN), "chown")
	LEGACY_CALL(lchown, __NR_lchown, 198, BIT(KIND_CHOWN), "chown")
	CALL(fchown, __NR_fchown, 207, BIT(KIND_CHOWN), "chown"),
	CALL(fchownat, __NR_fchownat, 298, BIT(KIND_CHOWN), "chown"),
	LEGACY_CALL(chown16, NO_CALL, 182, BIT(KIND_CHOWN), "chown")
	LEGACY_CALL(lchown16, NO_CALL, 16, BIT(KIND_CHOWN), "chown")
	LEGACY_CALL(fchown16, NO_CALL, 95, BIT(KIND_CHOWN), "chown")
	CALL(truncate, __NR_truncate, 92, BIT(KIND_TRUNCATE), "truncate"),
	CALL(ftruncate, __NR_ftruncate, 93, BIT(KIND_TRUNCATE), "truncate"),
	LEGACY_CALL(truncate64, NO_CALL, 193, BIT(KIND_TRUNCATE), "truncate")
	LEGACY_CALL(ftruncate64, NO_CALL, 194, BIT(KIND_TRUNCATE), "truncate")
	CALL(io_uring_setup, __NR_io_uring_setup, 425, BIT(KIND_IO_URING), "io_uring"),
	CALL(dup, __NR_dup, 41, BIT(KIND_DUP), "dup"),
	LEGACY_CALL(dup2, __NR_dup2, 63, BIT(KIND_DUP), "dup")
	CALL(dup3, __NR_dup3, 330, BIT(KIND_DUP), "dup"),
	CALL(fcntl, __NR_fcntl, 221, BIT(KIND_DUP), "dup"),
	CALL(accept, __NR_accept, NO_CALL, ACCEPTING, "accept"),
	CALL(accept4, __NR_accept4, 364, ACCEPTING, "accept"),
	CALL(socket, __NR_socket, 359, BIT(KIND_RAWSOCKET), "rawsocket"),
	CALL(connect, __NR_connect, 362, BIT(KIND_UNIX), "unix"),
	LEGACY_CALL(socketcall, NO_CALL, 102, ACCEPTING | BIT(KIND_RAWSOCKET) | BIT(KIND_UNIX), "accept,rawsocket,unix")
	HOOK("on_readline", "uprobe/readline", "readline"),
	HOOK("on_tls_write", "uprobe/openssl", "tls"),
	HOOK("on_tls_read", "uprobe/openssl", "tls"),
	HOOK("on_tls_read_ex", "uprobe/openssl", "tls"),
	HOOK("on_tls_was_read", "uprobe/openssl", "tls"),
	HOOK("on_pam_authenticate", "uprobe/pam", "authentication"),
	HOOK("on_pam_authenticate_returned", "uprobe/pam", "authentication"),
	HOOK("on_pam_account", "uprobe/pam", "authentication"),
	HOOK("on_pam_account_returned", "uprobe/pam", "authentication"),
	HOOK("on_pam_open_session", "uprobe/pam", "authentication"),
	HOOK("on_pam_open_session_returned", "uprobe/pam", "authentication"),
	HOOK("on_pam_close_session", "uprobe/pam", "authentication"),
	HOOK("on_pam_close_session_returned", "uprobe/pam", "authentication"),
	HOOK("on_pam_change_password", "uprobe/pam", "authentication"),
	HOOK("on_pam_change_password_returned", "uprobe/pam", "authentication"),
	CALL(setuid, __NR_setuid, 213, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setuid16, NO_CALL, 23, BIT(KIND_SETUID), "setuid")
	CALL(setgid, __NR_setgid, 214, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setgid16, NO_CALL, 46, BIT(KIND_SETUID), "setuid")
	CALL(setreuid, __NR_setreuid, 203, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setreuid16, NO_CALL, 70, BIT(KIND_SETUID), "setuid")
	CALL(setregid, __NR_setregid, 204, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setregid16, NO_CALL, 71, BIT(KIND_SETUID), "setuid")
	CALL(setresuid, __NR_setresuid, 208, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setresuid16, NO_CALL, 164, BIT(KIND_SETUID), "setuid")
	CALL(setresgid, __NR_setresgid, 210, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setresgid16, NO_CALL, 170, BIT(KIND_SETUID), "setuid")
	CALL(setfsuid, __NR_setfsuid, 215, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setfsuid16, NO_CALL, 138, BIT(KIND_SETUID), "setuid")
	CALL(setfsgid, __NR_setfsgid, 216, BIT(KIND_SETUID), "setuid"),
	LEGACY_CALL(setfsgid16, NO_CALL, 139, BIT(KIND_SETUID), "setuid")
	CALL(capset, __NR_capset, 185, BIT(KIND_CAPSET), "capset"),
	CALL(setns, __NR_setns, 346, BIT(KIND_SETNS), "setns"),
	CALL(unshare, __NR_unshare, 310, BIT(KIND_UNSHARE), "unshare"),
	CALL(mount, __NR_mount, 21, BIT(KIND_MOUNT), "mount"),
	CALL(umount, __NR_umount2, 52, BIT(KIND_MOUNT), "mount"),
	LEGACY_CALL(oldumount, NO_CALL, 22, BIT(KIND_MOUNT), "mount")
	CALL(open_tree, __NR_open_tree, 428, BIT(KIND_MOUNT), "mount"),
	CALL(move_mount, __NR_move_mount, 429, BIT(KIND_MOUNT), "mount"),
	CALL(fsopen, __NR_fsopen, 430, BIT(KIND_MOUNT), "mount"),
	CALL(fsmount, __NR_fsmount, 432, BIT(KIND_MOUNT), "mount"),
	CALL(mount_setattr, __NR_mount_setattr, 442, BIT(KIND_MOUNT), "mount"),
	CALL(chroot, __NR_chroot, 61, BIT(KIND_CHROOT), "chroot"),
	CALL(pivot_root, __NR_pivot_root, 217, BIT(KIND_CHROOT), "chroot"),
	CALL(ptrace, __NR_ptrace, 26, BIT(KIND_PTRACE), "ptrace"),
	CALL(process_vm_writev, __NR_process_vm_writev, 348, BIT(KIND_VMWRITE), "vmwrite"),
	CALL(kill, __NR_kill, 37, BIT(KIND_SIGNAL), "signal"),
	CALL(tkill, __NR_tkill, 238, BIT(KIND_SIGNAL), "signal"),
	CALL(tgkill, __NR_tgkill, 270, BIT(KIND_SIGNAL), "signal"),
	CALL(rt_sigqueueinfo, __NR_rt_sigqueueinfo, 178, BIT(KIND_SIGNAL), "signal"),
	CALL(rt_tgsigqueueinfo, __NR_rt_tgsigqueueinfo, 335, BIT(KIND_SIGNAL), "signal"),
	CALL(pidfd_send_signal, __NR_pidfd_send_signal, 424, BIT(KIND_SIGNAL), "signal"),
	CALL(memfd_create, __NR_memfd_create, 356, BIT(KIND_MEMFD), "memfd"),
	CALL(memfd_secret, __NR_memfd_secret, 447, BIT(KIND_MEMFD), "memfd"),
	CALL(userfaultfd, __NR_userfaultfd, 374, BIT(KIND_USERFAULTFD), "userfaultfd"),
	CALL(mprotect, __NR_mprotect, 125, BIT(KIND_MPROTECT), "mprotect"),
	CALL(pkey_mprotect, __NR_pkey_mprotect, 380, BIT(KIND_MPROTECT), "mprotect"),
	CALL(mmap, __NR_mmap, NO_CALL, BIT(KIND_MPROTECT) | BIT(KIND_MAPPING), "mprotect"),
	LEGACY_CALL(mmap_pgoff, NO_CALL, 192, BIT(KIND_MPROTECT) | BIT(KIND_MAPPING), "mprotect")
	LEGACY_CALL(ia32_mmap, NO_CALL, 90, BIT(KIND_MPROTECT) | BIT(KIND_MAPPING), "mprotect")
	CALL(init_module, __NR_init_module, 128, BIT(KIND_MODULE), "module"),
	CALL(finit_module, __NR_finit_module, 350, BIT(KIND_MODULE), "module"),
	CALL(delete_module, __NR_delete_module, 129, BIT(KIND_MODULE), "module"),
	CALL(bpf, __NR_bpf, 357, BIT(KIND_BPF), "bpf"),
	CALL(add_key, __NR_add_key, 286, BIT(KIND_KEYCTL), "keyctl"),
	CALL(request_key, __NR_request_key, 287, BIT(KIND_KEYCTL), "keyctl"),
	CALL(keyctl, __NR_keyctl, 288, BIT(KIND_KEYCTL), "keyctl"),
	CALL(kexec_load, __NR_kexec_load, 283, BIT(KIND_KEXEC), "kexec"),
	CALL(kexec_file_load, __NR_kexec_file_load, NO_CALL, BIT(KIND_KEXEC), "kexec"),
};
const int PROGRAM_COUNT = sizeof(PROGRAMS) / sizeof(PROGRAMS[0]);

// Lines of "symbol hook kinds": the table, then in the same order what is at the end of the calls' functions.
JNIEXPORT jstring JNICALL Java_dev_interdict_agent_kernel_Natives_programs(JNIEnv *env, jclass type)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	for (int i = 0; i < PROGRAM_COUNT; i++)
		fprintf(out, "%s %s %s\n", PROGRAMS[i].symbol, PROGRAMS[i].hook, PROGRAMS[i].kinds);
	for (int i = 0; i < PROGRAM_COUNT; i++)
		fprintf(out, "%s %s %s\n", PROGRAMS[i].symbol, DIRECT_HOOK, is_call(&PROGRAMS[i]) ? PROGRAMS[i].kinds : "");
	fclose(out);
	jstring result = (*env)->NewStringUTF(env, text);
	free(text);
	return result;
}

// The names of enum operation, in its order, each ended by a space.
JNIEXPORT jstring JNICALL Java_dev_interdict_agent_kernel_Natives_operations(JNIEnv *env, jclass type)
{
#define X(name) #name " "
	return (*env)->NewStringUTF(env, OPERATIONS(X));
#undef X
}
