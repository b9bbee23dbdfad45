// SPDX-License-Identifier: Apache-2.0
// Application kinds: a command of the shell in a place of its own, and logins through PAM.
#include "victim.h"
#include <dlfcn.h>
#include <errno.h>

#define PAM_TTY 3
#define PAM_RHOST 4

struct conversation {
	int (*talk)(int count, const void **messages, void **responses, void *data);
	void *data;
};

static int silent(int count, const void **messages, void **responses, void *data)
{
	(void)count, (void)messages, (void)responses, (void)data;
	return 19; /* PAM_CONV_ERR */
}

static void *function(void *library, const char *name)
{
	void *found = dlsym(library, name);
	if (!found)
		errx(3, "no %s", name);
	return found;
}

/* Every function once; the service's own configuration says how each ends. */
static void login(const char *library, const char *directory, const char *service)
{
	void *pam = dlopen(library, RTLD_NOW), *handle = NULL;
	if (!pam)
		errx(3, "%s", dlerror());
	int (*start)(const char *, const char *, const struct conversation *, const char *, void **) =
		function(pam, "pam_start_confdir");
	int (*set)(void *, int, const void *) = function(pam, "pam_set_item");
	const struct conversation conversation = {silent, NULL};
	const char *const steps[] = {"pam_authenticate", "pam_acct_mgmt", "pam_open_session", "pam_close_session", "pam_chauthtok"};
	check(start(service, "mallory", &conversation, directory, &handle) == 0, "pam_start_confdir");
	set(handle, PAM_TTY, "pts/77");
	set(handle, PAM_RHOST, "203.0.113.9");
	for (int i = 0; i < 5; i++) {
		int (*step)(void *, int) = function(pam, steps[i]);
		step(handle, 0);
	}
}

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	if (strcmp(action, "sh") == 0) {
		execl("/bin/sh", "sh", "-c", arg, token, NULL);
		err(1, "sh");
	} else if (strcmp(action, "login") == 0) {
		char *directory = strdup(arg), *service = strrchr(directory, '/');
		*service++ = 0;
		login(getenv("LIBPAM") ? getenv("LIBPAM") : "libpam.so.0", directory, service);
	} else {
		errx(2, "unknown action %s", action);
	}
	return 0;
}
