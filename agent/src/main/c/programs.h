// SPDX-License-Identifier: Apache-2.0
// The programs of the BPF object: where each hooks in and what is seen by it.
#ifndef INTERDICT_PROGRAMS_H
#define INTERDICT_PROGRAMS_H

#include <linux/types.h>

#define PROGRAMS_LIMIT 256
#define NO_CALL (-1)

struct program {
	const char *symbol;
	const char *hook; // for people
	const char *kinds; // names, joined by a comma
	__u64 wanted; // bits of the kinds for which it is needed; for those of system calls
	short native; // number of the system call that it looks at
	short compat; // the same for 32-bit calls
};

extern const struct program PROGRAMS[];
extern const int PROGRAM_COUNT;

#endif
