/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What is visible where. numbers: flags. texts: source, where a relative target begins, target, type of the
 * file system.
 */
#ifndef INTERDICT_MOUNT_H
#define INTERDICT_MOUNT_H

#include "call.h"

#define SOURCE 0
#define TARGET 1
#define TYPE 3

#define MS_REMOUNT 32
#define MS_BIND 4096
#define MS_MOVE 8192
#define MS_PROPAGATION (1 << 17 | 1 << 18 | 1 << 19 | 1 << 20) /* unbindable, private, slave, shared */

static __always_inline enum operation mount_operation(u32 flags)
{
	if (flags & MS_REMOUNT)
		return OPERATION_remount;
	if (flags & MS_BIND)
		return OPERATION_bind;
	if (flags & MS_PROPAGATION)
		return OPERATION_propagate;
	return flags & MS_MOVE ? OPERATION_move : OPERATION_mount;
}

/* Null where it is not to be reported. */
static __always_inline struct call_record *begin_mount(union scratch *s, u32 kind, enum operation operation, u64 flags,
						       long result)
{
	if (!wanted(kind) || !is_telling(kind, result))
		return NULL;
	struct call_record *r = begin_call(s, kind, operation, result);
	r->numbers[0] = flags;
	return r;
}

AFTER(mount)
{
	union scratch *s = scratch();
	u32 flags = call->arguments[3];
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, mount_operation(flags), flags, call->result);
	if (!r)
		return 0;
	u32 used = append_user_string(s, &r->texts[SOURCE], (void *)call->arguments[0], sizeof(*r));
	used = append_given(s, r, TARGET, AT_FDCWD, (void *)call->arguments[1], used);
	return submit_call(s, append_user_string(s, &r->texts[TYPE], (void *)call->arguments[2], used));
}

AFTER(umount)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_umount, (u32)call->arguments[1], call->result);
	if (!r)
		return 0;
	return submit_call(s, append_given(s, r, TARGET, AT_FDCWD, (void *)call->arguments[0], sizeof(*r)));
}

#if defined(__TARGET_ARCH_x86)
AFTER(oldumount) /* i386 only: without flags */
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_umount, 0, call->result);
	if (!r)
		return 0;
	return submit_call(s, append_given(s, r, TARGET, AT_FDCWD, (void *)call->arguments[0], sizeof(*r)));
}
#endif

AFTER(open_tree)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_open_tree, (u32)call->arguments[2], call->result);
	if (!r)
		return 0;
	return submit_call(s, append_given(s, r, TARGET, call->arguments[0], (void *)call->arguments[1], sizeof(*r)));
}

AFTER(move_mount)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_move_mount, (u32)call->arguments[4], call->result);
	if (!r)
		return 0;
	u32 used = append_user_string(s, &r->texts[SOURCE], (void *)call->arguments[1], sizeof(*r));
	if (r->texts[SOURCE].length == 0)
		used = append_file(r, SOURCE, call->arguments[0], used);
	return submit_call(s, append_given(s, r, TARGET, call->arguments[2], (void *)call->arguments[3], used));
}

AFTER(mount_setattr)
{
	union scratch *s = scratch();
	u64 set = 0;
	bpf_probe_read_user(&set, sizeof(set), (void *)call->arguments[3]);
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_mount_setattr, set, call->result);
	if (!r)
		return 0;
	return submit_call(s, append_given(s, r, TARGET, call->arguments[0], (void *)call->arguments[1], sizeof(*r)));
}

AFTER(fsopen)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_fsopen, (u32)call->arguments[1], call->result);
	if (!r)
		return 0;
	return submit_call(s, append_user_string(s, &r->texts[TYPE], (void *)call->arguments[0], sizeof(*r)));
}

/* The descriptor that it makes of a configuration is not attached yet: that is what move_mount does. */
AFTER(fsmount)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_MOUNT, OPERATION_fsmount, (u32)call->arguments[2], call->result);
	if (!r)
		return 0;
	struct file *file = file_of(call->arguments[0]);
	struct fs_context *context = file ? BPF_CORE_READ(file, private_data) : NULL;
	u32 used = sizeof(*r);
	if (context) {
		used = append_kernel_string(s, &r->texts[SOURCE], BPF_CORE_READ(context, source), used);
		used = append_kernel_string(s, &r->texts[TYPE], BPF_CORE_READ(context, fs_type, name), used);
	}
	return submit_call(s, used);
}

/* Where it succeeded the kernel tells what the root is now, whatever links led there. */
AFTER(chroot)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_CHROOT, OPERATION_chroot, 0, call->result);
	if (!r)
		return 0;
	if (call->result < 0)
		return submit_call(s, append_given(s, r, TARGET, AT_FDCWD, (void *)call->arguments[0], sizeof(*r)));
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	r->paths = 1 << TARGET;
	return submit_call(s, append_path(&r->texts[TARGET], &fs->root, sizeof(*r)));
}

AFTER(pivot_root)
{
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_mount(s, KIND_CHROOT, OPERATION_pivot_root, 0, call->result);
	if (!r)
		return 0;
	u32 used = append_user_string(s, &r->texts[SOURCE], (void *)call->arguments[1], sizeof(*r));
	return submit_call(s, append_user_string(s, &r->texts[TARGET + 1], (void *)call->arguments[0], used));
}

#endif
