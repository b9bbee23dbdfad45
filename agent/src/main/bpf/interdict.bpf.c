/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The sensor's programs, one folder per domain. */
#include "process/exec.h"
#include "process/exit.h"
#include "process/fork.h"
#include "process/snapshot.h"
#include "process/dup.h"
#include "file/open.h"
#include "file/entry.h"
#include "file/attribute.h"
#include "network/connect.h"
#include "network/accept.h"
#include "network/socket.h"
#include "network/datagram.h"
#include "app/mapping.h"
#include "app/readline.h"
#include "app/tls.h"
#include "app/pam.h"

char LICENSE[] SEC("license") = "GPL";
