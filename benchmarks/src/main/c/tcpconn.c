// SPDX-License-Identifier: Apache-2.0
// tcpconn COUNT: so many short TCP connections over the loopback, one after the other, 64 bytes each way. The client
// ends each by a reset, so that no port stays in TIME_WAIT.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES 64

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void serve(int listener, long rounds)
{
	char bytes[BYTES];
	for (long i = 0; i < rounds; i++) {
		int peer = accept(listener, NULL, NULL);
		if (peer < 0)
			fail("accept");
		if (recv(peer, bytes, BYTES, MSG_WAITALL) == BYTES)
			send(peer, bytes, BYTES, MSG_NOSIGNAL);
		close(peer);
	}
}

static void ask(const struct sockaddr_in *server)
{
	char bytes[BYTES];
	memset(bytes, 'x', BYTES);
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int peer = socket(AF_INET, SOCK_STREAM, 0);
	if (peer < 0 || connect(peer, (const struct sockaddr *)server, sizeof(*server)))
		fail("connect");
	if (send(peer, bytes, BYTES, 0) != BYTES || recv(peer, bytes, BYTES, MSG_WAITALL) != BYTES)
		fail("exchange");
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(peer);
}

int main(int count, char **arguments)
{
	long rounds = count > 1 ? atol(arguments[1]) : 0;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 128) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		fail("listen");
	pid_t server = fork();
	if (server < 0)
		fail("fork");
	if (server == 0) {
		serve(listener, rounds);
		_exit(0);
	}
	close(listener); // or a client would wait for a server that is gone
	for (long i = 0; i < rounds; i++)
		ask(&address);
	int status;
	if (waitpid(server, &status, 0) < 0)
		fail("waitpid");
	return rounds > 0 ? status != 0 : 2;
}
