/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Who tried to log in and whether he could, as PAM returns it. The members of its handle stand where they have stood
 * since Linux-PAM 0.54; those that hold passwords are never read.
 */
#ifndef INTERDICT_PAM_H
#define INTERDICT_PAM_H

#include "uprobe.h"

struct pam_handle {
	u64 authtok; /* not to be read */
	u64 caller_is;
	u64 conversation;
	u64 oldauthtok; /* not to be read */
	u64 prompt;
	u64 service;
	u64 user;
	u64 rhost;
	u64 ruser;
	u64 tty;
};

#define PAM_ROOM (APP_TEXT / 4)

static __always_inline u64 pam_item(u64 handle, u32 offset)
{
	u64 item = 0;
	bpf_probe_read_user(&item, sizeof(item), (void *)(handle + offset));
	return item;
}

static __always_inline int pam_returned(struct pt_regs *ctx, u32 operation)
{
	struct passed passed;
	if (!take(operation, &passed) || !wanted(KIND_AUTHENTICATION))
		return 0;
	struct app_event *e = begin_app(&process_ring, KIND_AUTHENTICATION, ctx);
	if (!e)
		return 0;
	e->record.operation = operation;
	e->record.status = (u32)PT_REGS_RC(ctx);
	app_string(e, 0, 0, PAM_ROOM, pam_item(passed.first, __builtin_offsetof(struct pam_handle, service)));
	app_string(e, 1, PAM_ROOM, PAM_ROOM, pam_item(passed.first, __builtin_offsetof(struct pam_handle, user)));
	app_string(e, 2, 2 * PAM_ROOM, PAM_ROOM, pam_item(passed.first, __builtin_offsetof(struct pam_handle, rhost)));
	app_string(e, 3, 3 * PAM_ROOM, PAM_ROOM, pam_item(passed.first, __builtin_offsetof(struct pam_handle, tty)));
	submit_app(&process_ring, e, KIND_AUTHENTICATION);
	return 0;
}

/* The user may be known only when it returns: modules ask for the name. */
#define PAM_FUNCTION(name, operation)                                  \
	SEC("uprobe")                                                  \
	int on_pam_##name(struct pt_regs *ctx)                         \
	{                                                              \
		keep(KIND_AUTHENTICATION, operation, PT_REGS_PARM1(ctx), 0); \
		return 0;                                              \
	}                                                              \
	SEC("uretprobe")                                               \
	int on_pam_##name##_returned(struct pt_regs *ctx)              \
	{                                                              \
		return pam_returned(ctx, operation);                   \
	}

PAM_FUNCTION(authenticate, PAM_AUTHENTICATE)
PAM_FUNCTION(account, PAM_ACCOUNT)
PAM_FUNCTION(open_session, PAM_OPEN_SESSION)
PAM_FUNCTION(close_session, PAM_CLOSE_SESSION)
PAM_FUNCTION(change_password, PAM_CHANGE_PASSWORD)

#endif
