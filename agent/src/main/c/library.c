// SPDX-License-Identifier: Apache-2.0
#include <bpf/libbpf.h>
#include <jni.h>

JNIEXPORT jstring JNICALL Java_dev_interdict_agent_kernel_Natives_libbpfVersion(JNIEnv *env, jclass type)
{
	return (*env)->NewStringUTF(env, libbpf_version_string() + 1); // without the v
}
