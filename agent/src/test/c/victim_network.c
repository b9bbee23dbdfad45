// SPDX-License-Identifier: Apache-2.0
// The network kinds: one real system call, or packet, of each.
#include "victim.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A question of the type for the name, to a server that need not be there. */
static void ask(const char *name, int type, int with_write)
{
	unsigned char message[512] = {0x12, 0x34, 1, 0, 0, 1};
	struct sockaddr_in server = loopback(53);
	size_t at = 12;
	for (const char *label = name; *label;) {
		size_t length = strcspn(label, ".");
		message[at++] = length;
		memcpy(message + at, label, length);
		at += length;
		label += length + (label[length] == '.');
	}
	at++;
	message[at++] = type >> 8;
	message[at++] = type;
	at++;
	message[at++] = 1;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (with_write) {
		check(connect(fd, (void *)&server, sizeof(server)) == 0, "connect");
		check(write(fd, message, at) == (ssize_t)at, "write");
	} else {
		check(sendto(fd, message, at, 0, (void *)&server, sizeof(server)) == (ssize_t)at, "sendto");
	}
}

static void send_datagrams(int port, int count)
{
	struct sockaddr_in peer = loopback(port);
	struct sockaddr_in6 peer6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), fd6 = socket(AF_INET6, SOCK_DGRAM, 0);
	for (int i = 0; i < count; i++) {
		check(sendto(fd, "x", 1, 0, (void *)&peer, sizeof(peer)) == 1, "sendto");
		check(sendto(fd6, "x", 1, 0, (void *)&peer6, sizeof(peer6)) == 1, "sendto 6");
	}
}

static void connect_unix(const char *path, int expected)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (path[0] == '@') {
		address.sun_path[0] = 0;
		length--;
	}
	int result = connect(fd, (void *)&address, length) == 0 ? 0 : errno;
	if (result != expected)
		errx(1, "connect %s: %s", path, strerror(result));
}

/* Listens, accepts, and both sides say something of different length. */
static void talk(void)
{
	struct sockaddr_in address = loopback(0);
	socklen_t length = sizeof(address);
	char buffer[1024] = {0};
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	check(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
	check(getsockname(listener, (void *)&address, &length) == 0, "getsockname");
	pid_t child = fork();
	if (child == 0) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		check(connect(fd, (void *)&address, length) == 0, "connect");
		check(write(fd, buffer, 700) == 700, "write");
		check(recv(fd, buffer, 300, MSG_WAITALL) == 300, "recv");
		close(fd);
		_exit(0);
	}
	int fd = accept(listener, NULL, NULL);
	check(fd >= 0 && recv(fd, buffer, 700, MSG_WAITALL) == 700, "recv");
	check(write(fd, buffer, 300) == 300, "write");
	check(read(fd, buffer, 1) == 0, "end");
	close(fd);
	wait_child(child);
}

int main(int argc, char **argv)
{
	const char *action, *arg;
	begin(argc, argv, &action, &arg);
	if (strcmp(action, "dns") == 0) {
		ask(arg, 16, 0);
	} else if (strcmp(action, "dns-write") == 0) {
		ask(arg, 28, 1);
	} else if (strcmp(action, "udp") == 0) {
		send_datagrams(atoi(arg), 5);
	} else if (strcmp(action, "unix") == 0) {
		connect_unix(arg, 0);
	} else if (strcmp(action, "unix-refused") == 0) {
		check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
		connect_unix(arg, EACCES);
	} else if (strcmp(action, "raw") == 0) {
		check(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP) >= 0, "socket");
	} else if (strcmp(action, "packet") == 0) {
		check(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) >= 0, "socket");
	} else if (strcmp(action, "raw-refused") == 0) {
		check(setgid(65534) == 0 && setuid(65534) == 0, "setuid");
		check(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0, "socket");
	} else if (strcmp(action, "talk") == 0) {
		talk();
#if defined(__x86_64__)
	} else if (strcmp(action, "raw32") == 0) { /* by socketcall of the 32-bit table */
		unsigned *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_32BIT | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		int fd;
		check(low != MAP_FAILED, "mmap");
		low[0] = AF_INET;
		low[1] = SOCK_RAW;
		low[2] = IPPROTO_ICMP;
		__asm__ volatile("int $0x80" : "=a"(fd) : "a"(102), "b"(1), "c"(low) : "memory", "r8", "r9", "r10", "r11");
		check(fd >= 0, "raw32");
#endif
	} else {
		errx(2, "unknown action %s", action);
	}
	return 0;
}
