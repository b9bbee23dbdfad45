/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The line that readline(3) returns, whichever file it stands in. */
#ifndef INTERDICT_READLINE_H
#define INTERDICT_READLINE_H

#include "uprobe.h"

SEC("uretprobe")
int on_readline(struct pt_regs *ctx)
{
	u64 line = PT_REGS_RC(ctx);
	if (!wanted(KIND_READLINE))
		return 0;
	if (!line) { /* end of the input */
		filtered(KIND_READLINE);
		return 0;
	}
	struct app_event *e = begin_app(&process_ring, KIND_READLINE, ctx);
	if (!e)
		return 0;
	app_string(e, 0, 0, APP_TEXT, line);
	if (e->record.texts[0].length == 0) {
		bpf_ringbuf_discard(e, 0);
		filtered(KIND_READLINE);
		return 0;
	}
	submit_app(&process_ring, e, KIND_READLINE);
	return 0;
}

#endif
