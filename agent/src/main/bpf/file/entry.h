/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Names that come, go and change in a folder. */
#ifndef INTERDICT_ENTRY_H
#define INTERDICT_ENTRY_H

#include "change.h"

#define AT_REMOVEDIR 0x200

static __always_inline int renamed(s32 directory, u64 name, s32 target_directory, u64 target, u32 flags, long result)
{
	struct change c = {
		.kind = KIND_RENAME,
		.directory = directory,
		.name = name,
		.target_directory = target_directory,
		.target = target,
		.flags = flags,
	};
	return changed(&c, NULL, result);
}

AFTER(rename)
{
	return renamed(AT_FDCWD, call->arguments[0], AT_FDCWD, call->arguments[1], 0, call->result);
}

AFTER(renameat)
{
	return renamed(call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3], 0, call->result);
}

AFTER(renameat2)
{
	return renamed(call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3], call->arguments[4],
		       call->result);
}

/* `mode` is what is known of its type. */
static __always_inline int unlinked(s32 directory, u64 name, u32 mode, long result)
{
	struct change c = {.kind = KIND_UNLINK, .directory = directory, .name = name, .mode = mode};
	return changed(&c, NULL, result);
}

AFTER(unlink)
{
	return unlinked(AT_FDCWD, call->arguments[0], 0, call->result);
}

AFTER(rmdir)
{
	return unlinked(AT_FDCWD, call->arguments[0], S_IFDIR, call->result);
}

AFTER(unlinkat)
{
	u32 mode = call->arguments[2] & AT_REMOVEDIR ? S_IFDIR : 0;
	return unlinked(call->arguments[0], call->arguments[1], mode, call->result);
}

static __always_inline int linked(s32 directory, u64 name, s32 target_directory, u64 target, u32 flags, long result)
{
	struct change c = {
		.kind = KIND_LINK,
		.directory = directory,
		.name = name,
		.target_directory = target_directory,
		.target = target,
		.flags = flags,
	};
	return changed(&c, NULL, result);
}

AFTER(link)
{
	return linked(AT_FDCWD, call->arguments[0], AT_FDCWD, call->arguments[1], 0, call->result);
}

AFTER(linkat)
{
	return linked(call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3], call->arguments[4],
		      call->result);
}

static __always_inline int symlinked(u64 text, s32 directory, u64 name, long result)
{
	struct change c = {.kind = KIND_LINK, .directory = directory, .name = name, .target = text, .mode = S_IFLNK};
	return changed(&c, NULL, result);
}

AFTER(symlink)
{
	return symlinked(call->arguments[0], AT_FDCWD, call->arguments[1], call->result);
}

AFTER(symlinkat)
{
	return symlinked(call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

/* The number of a device is packed for the call in another way than inside of the kernel. */
static __always_inline int node_made(s32 directory, u64 name, u32 mode, u32 device, long result)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u32 type = mode & S_IFMT ? mode & S_IFMT : S_IFREG;
	struct change c = {.kind = KIND_MKNOD, .directory = directory, .name = name};
	c.mode = type | (mode & 07777 & ~FETCH(struct task_struct, task, fs, umask));
	if (type == S_IFBLK || type == S_IFCHR)
		c.special_device = (device & 0xfff00) << 12 | (device & 0xff) | (device >> 12 & 0xfff00);
	return changed(&c, NULL, result);
}

AFTER(mknod)
{
	return node_made(AT_FDCWD, call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(mknodat)
{
	return node_made(call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3], call->result);
}

#endif
