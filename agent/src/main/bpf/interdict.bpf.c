/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The sensor's programs, one folder per domain. */
#include "process/exec.h"
#include "process/exit.h"
#include "process/fork.h"
#include "process/snapshot.h"
#include "network/connect.h"
#include "syscall.h"

char LICENSE[] SEC("license") = "GPL";
