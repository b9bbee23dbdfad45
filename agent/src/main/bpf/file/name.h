/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef INTERDICT_NAME_H
#define INTERDICT_NAME_H

#include "../descriptor.h"
#include "../syscall.h"

#define AT_FDCWD (-100)

/* Someone tried what he may not. */
static __always_inline bool is_denied(long result)
{
	return is_refusal(result) || result == -EROFS;
}

/*
 * What a call was given to find a file by, and where the walk began: the root or working directory of the process,
 * or a descriptor. The two are joined in user space (FileEvents.java).
 *
 * Nothing that a system call leaves behind leads from a name to its file, so this is the way that was asked for,
 * not the way that was taken: a symbolic link among the folders is not followed, nor is a last one where the call
 * follows it. And the name is read after the call, from memory that another thread may have written meanwhile.
 * Through a ring (`who`), the name is the kernel's own copy. Both spans stay zero where it cannot be read.
 */
static __always_inline u32 append_named(union scratch *s, struct span *base, struct span *given, s32 directory, u64 name,
					const struct header *who, u32 used)
{
	struct path *from = NULL;
	if (used > STRINGS_LIMIT)
		return used;
	u8 *text = at(s, used);
	long n = who ? bpf_probe_read_kernel_str(text, 4096, (void *)name) : bpf_probe_read_user_str(text, 4096, (void *)name);
	if (n < 0)
		return used;
	if (n == 0) { /* as kernels before 6.13 have it where nothing but the zero is there */
		text[0] = 0;
		n = 1;
	}
	if (!runs(who)) {
		from = NULL;
	} else if (text[0] == '/' || directory == AT_FDCWD) {
		struct task_struct *task = (void *)bpf_get_current_task();
		struct fs_struct *fs = FETCH(struct task_struct, task, fs);
		from = text[0] == '/' ? &fs->root : &fs->pwd;
	} else {
		struct file *file = file_of(directory);
		if (file)
			from = &file->f_path;
	}
	given->offset = used;
	given->length = n - 1;
	used += n - 1;
	return from ? append_path(base, from, used) : used;
}

#endif
