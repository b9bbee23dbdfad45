// SPDX-License-Identifier: Apache-2.0
// openclose COUNT FOLDER: so many opens for reading, each closed at once, over the folder's files file-00 to file-15.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILES 16

int main(int count, char **arguments)
{
	if (count < 3)
		return 2;
	long rounds = atol(arguments[1]);
	char paths[FILES][4096];
	for (int i = 0; i < FILES; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/file-%02d", arguments[2], i);
	for (long i = 0; i < rounds; i++) {
		int file = open(paths[i % FILES], O_RDONLY);
		if (file < 0) {
			perror(paths[i % FILES]);
			return 1;
		}
		close(file);
	}
	return rounds > 0 ? 0 : 2;
}
