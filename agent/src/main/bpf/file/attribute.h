/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What a file may be used for, whose it is, how long it is. */
#ifndef INTERDICT_ATTRIBUTE_H
#define INTERDICT_ATTRIBUTE_H

#include "change.h"

static __always_inline int mode_changed(s32 directory, u64 name, u32 mode, long result)
{
	struct change c = {.kind = KIND_CHMOD, .directory = directory, .name = name, .mode = mode & 07777};
	return changed(&c, NULL, result);
}

AFTER(chmod)
{
	return mode_changed(AT_FDCWD, call->arguments[0], call->arguments[1], call->result);
}

AFTER(fchmod)
{
	return mode_changed(call->arguments[0], 0, call->arguments[1], call->result);
}

AFTER(fchmodat)
{
	return mode_changed(call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(fchmodat2)
{
	return mode_changed(call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

static __always_inline int owner_changed(s32 directory, u64 name, u32 owner, u32 group, long result)
{
	struct change c = {.kind = KIND_CHOWN, .directory = directory, .name = name, .owner = owner, .group = group};
	return changed(&c, NULL, result);
}

AFTER(chown)
{
	return owner_changed(AT_FDCWD, call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(lchown)
{
	return owner_changed(AT_FDCWD, call->arguments[0], call->arguments[1], call->arguments[2], call->result);
}

AFTER(fchown)
{
	return owner_changed(call->arguments[0], 0, call->arguments[1], call->arguments[2], call->result);
}

AFTER(fchownat)
{
	return owner_changed(call->arguments[0], call->arguments[1], call->arguments[2], call->arguments[3], call->result);
}

static __always_inline int length_changed(s32 directory, u64 name, u64 length, long result)
{
	struct change c = {.kind = KIND_TRUNCATE, .directory = directory, .name = name, .length = length};
	return changed(&c, NULL, result);
}

AFTER(truncate)
{
	return length_changed(AT_FDCWD, call->arguments[0], call->arguments[1], call->result);
}

AFTER(ftruncate)
{
	return length_changed(call->arguments[0], 0, call->arguments[1], call->result);
}

#if defined(__TARGET_ARCH_x86)
/* 32-bit only: owners of 16 bits, and lengths in two halves. */
static __always_inline u32 wide(u16 id)
{
	return id == 0xffff ? 0xffffffff : id;
}

AFTER(chown16)
{
	return owner_changed(AT_FDCWD, call->arguments[0], wide(call->arguments[1]), wide(call->arguments[2]), call->result);
}

AFTER(lchown16)
{
	return owner_changed(AT_FDCWD, call->arguments[0], wide(call->arguments[1]), wide(call->arguments[2]), call->result);
}

AFTER(fchown16)
{
	return owner_changed(call->arguments[0], 0, wide(call->arguments[1]), wide(call->arguments[2]), call->result);
}

AFTER(truncate64)
{
	return length_changed(AT_FDCWD, call->arguments[0], call->arguments[1] | call->arguments[2] << 32, call->result);
}

AFTER(ftruncate64)
{
	return length_changed(call->arguments[0], 0, call->arguments[1] | call->arguments[2] << 32, call->result);
}
#endif

#endif
