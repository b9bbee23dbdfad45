/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_EXEC_H
#define INTERDICT_EXEC_H

#include "../descriptor.h"

#define ARGS_LIMIT 8192
#define ENVIRONMENT_LIMIT 8192
#define OVERLAYFS_SUPER_MAGIC 0x794c7630

/*
 * Changed or made since the container's image: an overlay has it in its upper layer. struct ovl_inode is known to a
 * module's BTF only, where the module is loaded before us; but in every version the upper dentry has followed the
 * embedded inode.
 */
static __always_inline bool is_upper(struct inode *inode, struct super_block *sb)
{
	void *upper = NULL;
	if (FETCH(struct super_block, sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
		return false;
	bpf_probe_read_kernel(&upper, sizeof(upper), (u8 *)inode + bpf_core_type_size(struct inode));
	return upper;
}

/* What a task's image is; `used` is the end of the fixed fields or more. */
static __always_inline u32 describe_image(struct exec_record *r, struct task_struct *task, u32 used)
{
	struct mm_struct *mm = FETCH(struct task_struct, task, mm);
	struct file *exe = FETCH(struct mm_struct, mm, exe_file);
	struct inode *inode = FETCH(struct file, exe, f_inode);
	struct fs_struct *fs = FETCH(struct task_struct, task, fs);
	struct tty_struct *tty = FETCH(struct task_struct, task, signal, tty);
	r->inode = FETCH(struct inode, inode, i_ino);
	struct super_block *sb = FETCH(struct inode, inode, i_sb);
	r->device = FETCH(struct super_block, sb, s_dev);
	if (is_upper(inode, sb))
		r->header.flags |= FLAG_UPPER_LAYER;
	if (exe && FETCH(struct inode, inode, i_nlink) == 0) {
		char name[8] = {};
		struct dentry *dentry = FETCH(struct file, exe, f_path.dentry);
		bpf_probe_read_kernel_str(name, sizeof(name), FETCH(struct dentry, dentry, d_name.name));
		bool memfd = FETCH(struct dentry, dentry, d_parent) == dentry && name[0] == 'm' && name[1] == 'e' &&
			     name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':';
		r->header.flags |= memfd ? FLAG_MEMFD : FLAG_DELETED;
	}
	struct mnt_namespace *mounts = BPF_CORE_READ(task, nsproxy, mnt_ns);
	r->mount_namespace = BPF_CORE_READ(mounts, ns.inum);
	__builtin_memset(r->comm, 0, sizeof(r->comm) + sizeof(r->tty));
	BPF_CORE_READ_STR_INTO(&r->comm, task, comm);
	if (tty)
		bpf_probe_read_kernel_str(r->tty, sizeof(r->tty), tty->name);
	r->exe.offset = r->exe.length = r->cwd.offset = r->cwd.length = 0;
	if (exe)
		used = append_path(&r->exe, &exe->f_path, used);
	if (fs)
		used = append_path(&r->cwd, &fs->pwd, used);
	r->cgroup_path.offset = used;
	used = append_cgroup((u64)BPF_CORE_READ(task, cgroups, dfl_cgrp, kn), used);
	r->cgroup_path.length = used - r->cgroup_path.offset;
	return used;
}

/* The arguments stand in the new process's memory, which has just been written and so is resident. */
static __always_inline u32 append_args(union scratch *s, struct exec_record *r, struct task_struct *task, u32 used)
{
	struct mm_struct *mm = FETCH(struct task_struct, task, mm);
	u64 from = FETCH(struct mm_struct, mm, arg_start);
	u64 length = FETCH(struct mm_struct, mm, arg_end) - from;
	r->args.offset = used;
	r->args.length = 0;
	if (length > ARGS_LIMIT) {
		length = ARGS_LIMIT;
		r->header.flags |= FLAG_ARGS_TRUNCATED;
	}
	if (used <= RECORD_LIMIT - ARGS_LIMIT - 4096 && !bpf_probe_read_user(at(s, used), length & (2 * ARGS_LIMIT - 1), (void *)from)) {
		r->args.length = length;
		used += length;
	} else {
		r->header.flags |= FLAG_ARGS_TRUNCATED;
	}
	return used;
}

/* Behind the arguments. User space looks for what is of interest; what is cut off is not seen. */
static __always_inline u32 append_environment(union scratch *s, struct exec_record *r, struct task_struct *task, u32 used)
{
	struct mm_struct *mm = FETCH(struct task_struct, task, mm);
	u64 from = FETCH(struct mm_struct, mm, env_start);
	u64 length = FETCH(struct mm_struct, mm, env_end) - from;
	r->environment.offset = used;
	r->environment.length = 0;
	if (length > ENVIRONMENT_LIMIT) {
		length = ENVIRONMENT_LIMIT;
		r->header.flags |= FLAG_TRUNCATED;
	}
	if (used <= RECORD_LIMIT - ENVIRONMENT_LIMIT - 4096 &&
	    !bpf_probe_read_user(at(s, used), length & (2 * ENVIRONMENT_LIMIT - 1), (void *)from)) {
		r->environment.length = length;
		used += length;
	} else {
		r->header.flags |= FLAG_TRUNCATED;
	}
	return used;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	if (!wanted(KIND_EXEC))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct exec_record *r = &s->exec;
	u32 used = sizeof(*r);
	identify(&r->header, KIND_EXEC);
	const char *filename = FETCH(struct linux_binprm, bprm, filename);
	used = append_kernel_string(s, &r->invoked, filename, used);
	if (FETCH(struct linux_binprm, bprm, interp) != filename) /* one string, until an interpreter is put in its place */
		r->header.flags |= FLAG_SCRIPT;
	used = append_args(s, r, task, used);
	used = append_environment(s, r, task, used);
	used = describe_image(r, task, used);
	for (u32 i = 0; i < 3; i++) {
		struct file *file = file_of(i);
		if (file)
			used = describe(&r->fds[i], file, i, used);
		else
			r->fds[i].type = DESCRIPTOR_CLOSED;
	}
	if (used > STRINGS_LIMIT)
		r->header.flags |= FLAG_TRUNCATED;
	submit_scratch(s, &process_ring, used, true);
	return 0;
}

#endif
