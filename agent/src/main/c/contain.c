// SPDX-License-Identifier: Apache-2.0
// Attaches the network cut to cgroups as pinned links, which outlive this process.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPF_FS_MAGIC 0xcafe4a11

extern const char bpf_cut_start[], bpf_cut_end[];

static void throw_io(JNIEnv *env, const char *what, const char *subject, int error)
{
	char message[512];
	jclass type = (*env)->FindClass(env, "java/io/IOException");

	snprintf(message, sizeof(message), "%s %s: %s", what, subject, strerror(error));
	if (type)
		(*env)->ThrowNew(env, type, message);
}

// Descriptors of the two programs: ingress, egress. They stay loaded for as long as the process lives.
JNIEXPORT jintArray JNICALL Java_dev_interdict_agent_kernel_Natives_loadCut(JNIEnv *env, jclass class)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "interdict_cut");
	const char *names[] = {"cut_ingress", "cut_egress"};
	struct bpf_object *object;
	jintArray result;
	jint programs[2];

	object = bpf_object__open_mem(bpf_cut_start, bpf_cut_end - bpf_cut_start, &opts);
	if (!object) {
		throw_io(env, "cannot open", "the network cut's BPF object", errno);
		return NULL;
	}
	if (bpf_object__load(object)) {
		throw_io(env, "cannot load", "the network cut's BPF programs", errno);
		bpf_object__close(object);
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		struct bpf_program *program = bpf_object__find_program_by_name(object, names[i]);

		programs[i] = program ? fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 3) : -1;
		if (programs[i] < 0) {
			throw_io(env, "cannot keep", names[i], program ? errno : ENOENT);
			if (i)
				close(programs[0]);
			bpf_object__close(object);
			return NULL;
		}
	}
	bpf_object__close(object);
	result = (*env)->NewIntArray(env, 2);
	if (result)
		(*env)->SetIntArrayRegion(env, result, 0, 2, programs);
	return result;
}

JNIEXPORT void JNICALL Java_dev_interdict_agent_kernel_Natives_attachCut(JNIEnv *env, jclass class, jint program,
		jboolean egress, jstring cgroup, jstring pin)
{
	const char *cgroup_path = (*env)->GetStringUTFChars(env, cgroup, NULL);
	const char *pin_path = cgroup_path ? (*env)->GetStringUTFChars(env, pin, NULL) : NULL;
	int directory = -1, link = -1;

	if (!pin_path)
		goto out;
	directory = open(cgroup_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0) {
		throw_io(env, "cannot open cgroup", cgroup_path, errno);
		goto out;
	}
	link = bpf_link_create(program, directory, egress ? BPF_CGROUP_INET_EGRESS : BPF_CGROUP_INET_INGRESS, NULL);
	if (link < 0) {
		throw_io(env, "cannot attach the network cut to", cgroup_path, errno);
		goto out;
	}
	// Until it is pinned the link dies with its descriptor, so a failure leaves nothing attached.
	if (bpf_obj_pin(link, pin_path))
		throw_io(env, "cannot pin the network cut at", pin_path, errno);
out:
	if (link >= 0)
		close(link);
	if (directory >= 0)
		close(directory);
	if (pin_path)
		(*env)->ReleaseStringUTFChars(env, pin, pin_path);
	if (cgroup_path)
		(*env)->ReleaseStringUTFChars(env, cgroup, cgroup_path);
}

// The id of the cgroup that the pinned link hangs on; 0 if it hangs on none any more; -1 if there is no pin.
JNIEXPORT jlong JNICALL Java_dev_interdict_agent_kernel_Natives_cutCgroup(JNIEnv *env, jclass class, jstring pin)
{
	const char *path = (*env)->GetStringUTFChars(env, pin, NULL);
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);
	jlong result = -1;
	int link;

	if (!path)
		return -1;
	link = bpf_obj_get(path);
	if (link < 0) {
		if (errno != ENOENT)
			throw_io(env, "cannot open pin", path, errno);
	} else {
		if (bpf_obj_get_info_by_fd(link, &info, &size))
			throw_io(env, "cannot read pin", path, errno);
		else if (info.type != BPF_LINK_TYPE_CGROUP)
			throw_io(env, "no cgroup link at pin", path, EINVAL);
		else
			result = (jlong)info.cgroup.cgroup_id;
		close(link);
	}
	(*env)->ReleaseStringUTFChars(env, pin, path);
	return result;
}

// Takes effect at once, whoever else holds the link, then removes the pin. A pin that is not there is fine.
JNIEXPORT void JNICALL Java_dev_interdict_agent_kernel_Natives_detachCut(JNIEnv *env, jclass class, jstring pin)
{
	const char *path = (*env)->GetStringUTFChars(env, pin, NULL);
	int link;

	if (!path)
		return;
	link = bpf_obj_get(path);
	if (link >= 0) {
		// ENOLINK: the cgroup is gone and took the attachment with it.
		if (bpf_link_detach(link) && errno != ENOLINK)
			throw_io(env, "cannot detach", path, errno);
		else if (unlink(path))
			throw_io(env, "cannot remove pin", path, errno);
		close(link);
	} else if (errno != ENOENT) {
		throw_io(env, "cannot open pin", path, errno);
	}
	(*env)->ReleaseStringUTFChars(env, pin, path);
}

JNIEXPORT void JNICALL Java_dev_interdict_agent_kernel_Natives_mountBpffs(JNIEnv *env, jclass class, jstring directory)
{
	const char *path = (*env)->GetStringUTFChars(env, directory, NULL);
	struct statfs fs;

	if (!path)
		return;
	if (statfs(path, &fs))
		throw_io(env, "cannot look at", path, errno);
	else if ((unsigned long)fs.f_type != BPF_FS_MAGIC && mount("bpf", path, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		throw_io(env, "the BPF file system is not mounted and cannot be from here; before the agent starts: mount -t bpf bpf", path, errno);
	(*env)->ReleaseStringUTFChars(env, directory, path);
}
