/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Heads of HTTP/1 messages where OpenSSL takes or gives them in the clear. What does not begin like one is looked
 * at no further: eight bytes are read of it.
 */
#ifndef INTERDICT_TLS_H
#define INTERDICT_TLS_H

#include "uprobe.h"

#define HEAD_LEAST 16 /* "GET / HTTP/1.1", and a line's end */

enum tls_function { TLS_READ = 16 }; /* apart from the operations of PAM, which may talk TLS */

static __always_inline u64 word(const char text[8], u32 length)
{
	u64 value = 0;
	for (u32 i = 0; i < length; i++)
		value |= (u64)(u8)text[i] << (8 * i);
	return value;
}

#define BEGINS(first, text) \
	(((first) & (sizeof(text) > 8 ? ~0ULL : (1ULL << (8 * ((sizeof(text) - 1) & 7))) - 1)) == word(text, sizeof(text) - 1))

static __always_inline bool is_head(u64 first)
{
	return BEGINS(first, "GET ") || BEGINS(first, "POST ") || BEGINS(first, "PUT ") || BEGINS(first, "HEAD ") ||
	       BEGINS(first, "DELETE ") || BEGINS(first, "PATCH ") || BEGINS(first, "OPTIONS ") ||
	       BEGINS(first, "CONNECT ") || BEGINS(first, "HTTP/1.");
}

static __always_inline int message(void *ctx, u64 buffer, u64 length, u32 sent)
{
	u64 first = 0;
	if (length < HEAD_LEAST || bpf_probe_read_user(&first, sizeof(first), (void *)buffer) || !is_head(first)) {
		filtered(KIND_TLS);
		return 0;
	}
	struct app_event *e = begin_app(&network_ring, KIND_TLS, ctx);
	if (!e)
		return 0;
	if (length > APP_TEXT) {
		length = APP_TEXT;
		e->record.header.flags |= FLAG_TRUNCATED;
	}
	e->record.operation = sent;
	e->record.texts[0].offset = sizeof(e->record);
	e->record.texts[0].length = length;
	if (bpf_probe_read_user(e->bytes, length, (void *)buffer))
		e->record.texts[0].length = 0;
	submit_app(&network_ring, e, KIND_TLS);
	return 0;
}

/* SSL_write(ssl, buffer, int length), SSL_write_ex(ssl, buffer, size_t length, written) */
SEC("uprobe")
int on_tls_write(struct pt_regs *ctx)
{
	if (!wanted(KIND_TLS))
		return 0;
	s32 length = (s32)PT_REGS_PARM3(ctx);
	return message(ctx, PT_REGS_PARM2(ctx), length < 0 ? 0 : length, 1);
}

SEC("uprobe")
int on_tls_read(struct pt_regs *ctx)
{
	keep(KIND_TLS, TLS_READ, PT_REGS_PARM2(ctx), 0);
	return 0;
}

SEC("uprobe")
int on_tls_read_ex(struct pt_regs *ctx)
{
	keep(KIND_TLS, TLS_READ, PT_REGS_PARM2(ctx), PT_REGS_PARM4(ctx));
	return 0;
}

SEC("uretprobe")
int on_tls_was_read(struct pt_regs *ctx)
{
	struct passed passed;
	if (!take(TLS_READ, &passed) || !wanted(KIND_TLS))
		return 0;
	s32 length = (s32)PT_REGS_RC(ctx);
	if (length > 0 && passed.second) { /* of SSL_read_ex, which returns 1 */
		u64 count = 0;
		bpf_probe_read_user(&count, sizeof(count), (void *)passed.second);
		length = count > APP_TEXT ? APP_TEXT + 1 : count;
	}
	return message(ctx, passed.first, length < 0 ? 0 : length, 0);
}

#endif
