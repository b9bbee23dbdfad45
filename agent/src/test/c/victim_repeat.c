// SPDX-License-Identifier: Apache-2.0
// Does one thing many times: opens PATH N, refused PATH N, connects N, writes FOLDER N
#include "victim.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void open_often(const char *path, int times, int refused)
{
	if (refused)
		check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
	for (int i = 0; i < times; i++) {
		int fd = open(path, O_RDONLY);
		check(refused ? fd < 0 : fd >= 0, path);
		close(fd);
	}
}

static void talk_often(int times)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	char bytes[7] = "abcdef";
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	check(bind(listener, (void *)&address, length) == 0 && listen(listener, 16) == 0, "listen");
	check(getsockname(listener, (void *)&address, &length) == 0, "getsockname");
	for (int i = 0; i < times; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		check(connect(client, (void *)&address, length) == 0, "connect");
		int server = accept(listener, NULL, NULL);
		check(write(client, bytes, 7) == 7 && read(server, bytes, 7) == 7, "seven bytes");
		check(write(server, bytes, 3) == 3 && read(client, bytes, 3) == 3, "three bytes");
		close(client);
		check(read(server, bytes, 1) == 0, "end");
		close(server);
	}
}

static void write_often(const char *folder, int times)
{
	char path[4096];
	for (int i = 0; i < times; i++) {
		snprintf(path, sizeof(path), "%s/%d", folder, i);
		int fd = open(path, O_WRONLY | O_CREAT, 0600);
		check(fd >= 0, path);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	int times = atoi(argv[argc - 2]);
	if (strcmp(action, "opens") == 0)
		open_often(arg, times, 0);
	else if (strcmp(action, "refused") == 0)
		open_often(arg, times, 1);
	else if (strcmp(action, "connects") == 0)
		talk_often(times);
	else if (strcmp(action, "writes") == 0)
		write_often(arg, times);
	else
		errx(2, "unknown action %s", action);
	return 0;
}
