// SPDX-License-Identifier: Apache-2.0
// The layout of the records as the BPF object was compiled, for the test that compares it with Java's.
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>

extern const char bpf_interdict_start[], bpf_interdict_end[];

// Lines of "struct member offset" and "struct - size".
JNIEXPORT jstring JNICALL Java_dev_interdict_agent_kernel_Natives_layout(JNIEnv *env, jclass type)
{
	struct bpf_object *object = bpf_object__open_mem(bpf_interdict_start, bpf_interdict_end - bpf_interdict_start, NULL);
	struct btf *btf = object ? bpf_object__btf(object) : NULL;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	for (__u32 id = 1; btf && id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, t->name_off);
		if (!btf_is_struct(t) || !*name)
			continue;
		fprintf(out, "%s - %u\n", name, t->size);
		for (int i = 0; i < btf_vlen(t); i++) {
			const struct btf_member *member = btf_members(t) + i;
			fprintf(out, "%s %s %u\n", name, btf__name_by_offset(btf, member->name_off),
				btf_member_bit_offset(t, i) / 8);
		}
	}
	fclose(out);
	jstring result = (*env)->NewStringUTF(env, text);
	free(text);
	bpf_object__close(object);
	return result;
}
