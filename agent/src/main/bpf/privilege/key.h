/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The kernel's keys. numbers: serial; texts: type, description. */
#ifndef INTERDICT_KEY_H
#define INTERDICT_KEY_H

#include "call.h"

static __noinline int key_asked_for(enum operation operation, u64 type, u64 description, s32 serial, long result)
{
	if (!wanted(KIND_KEYCTL) || !is_telling(KIND_KEYCTL, result))
		return 0;
	union scratch *s = scratch();
	if (!s)
		return 0;
	struct call_record *r = begin_call(s, KIND_KEYCTL, operation, result);
	r->numbers[0] = (u32)serial;
	u32 used = sizeof(*r);
	if (type)
		used = append_user_string(s, &r->texts[0], (void *)type, used);
	if (description)
		used = append_user_string(s, &r->texts[1], (void *)description, used);
	return submit_call(s, used);
}

AFTER(add_key)
{
	return key_asked_for(OPERATION_add_key, call->arguments[0], call->arguments[1], call->result, call->result);
}

AFTER(request_key)
{
	return key_asked_for(OPERATION_request_key, call->arguments[0], call->arguments[1], call->result, call->result);
}

/* Those that read, pass on or change a key; not those that ask what there is. */
static __always_inline enum operation key_operation(u32 what)
{
	switch (what) {
	case 1:
		return OPERATION_join_session;
	case 2:
		return OPERATION_update;
	case 3:
		return OPERATION_revoke;
	case 4:
		return OPERATION_chown;
	case 5:
		return OPERATION_setperm;
	case 8:
		return OPERATION_link;
	case 10:
		return OPERATION_search;
	case 11:
		return OPERATION_read;
	case 21:
		return OPERATION_invalidate;
	case 30:
		return OPERATION_move_key;
	default:
		return OPERATION_none;
	}
}

AFTER(keyctl)
{
	enum operation operation = key_operation(call->arguments[0]);
	if (operation == OPERATION_none)
		return 0;
	if (operation == OPERATION_join_session)
		return key_asked_for(operation, 0, call->arguments[1], call->result, call->result);
	if (operation == OPERATION_search)
		return key_asked_for(operation, call->arguments[2], call->arguments[3], call->arguments[1], call->result);
	return key_asked_for(operation, 0, 0, call->arguments[1], call->result);
}

#endif
