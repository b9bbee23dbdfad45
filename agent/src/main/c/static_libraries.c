// SPDX-License-Identifier: Apache-2.0
// What keeps the distribution's libbpf.a and libelf.a, compiled for executables, out of a shared library,
// and what stands in for it.
#include <stdio.h>

// libbpf.a reaches stderr by a relocation that only an executable may have; the Makefile renames it to this.
FILE *native_stderr;

__attribute__((constructor)) static void point_at_stderr(void)
{
	native_stderr = stderr;
}

// libelf.a keeps its last error in local-exec TLS; this replaces that member of the archive.
static _Thread_local int last_error;

void __libelf_seterrno(int value);
int elf_errno(void);
const char *elf_errmsg(int error);

void __libelf_seterrno(int value)
{
	last_error = value;
}

int elf_errno(void)
{
	int value = last_error;
	last_error = 0;
	return value;
}

const char *elf_errmsg(int error)
{
	return error > 0 || last_error != 0 || error == -1 ? "libelf refused the object" : NULL;
}
