/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Rings, counters, scratch memory, and what every record begins with. */
#ifndef INTERDICT_CORE_H
#define INTERDICT_CORE_H

#include "vmlinux_min.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_endian.h>
#include "event.h"

struct shared shared;

/*
 * Steps along kernel pointers. Since 6.2 a pointer can be given a type that the verifier trusts to be readable, and
 * then each step is a load and not a call; where that is missing, libbpf removes the first branch. A pointer that
 * comes from it is no number any more: what goes through a function as one is read by BPF_CORE_READ.
 */
extern void *bpf_rdonly_cast(const void *pointer, u32 type) __ksym __weak;

#define TYPED(type, pointer) ((type *)bpf_rdonly_cast((pointer), bpf_core_type_id_kernel(type)))
#define FETCH(type, pointer, ...)                                                                          \
	({                                                                                                 \
		const void *__from = (pointer);                                                            \
		bpf_rdonly_cast ? ___arrow(TYPED(type, __from), __VA_ARGS__) :                             \
				  BPF_CORE_READ((type *)__from, __VA_ARGS__);                              \
	})

/* Sizes are set by the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} process_ring SEC(".maps"), network_ring SEC(".maps"), file_ring SEC(".maps");

/*
 * Where records of variable size are put together: one per CPU, in a plain array because a per-CPU map refuses
 * values above 32 KiB; the loader sets how many. Only programs that run in process context with preemption
 * off may use it: they cannot interrupt one another on a CPU.
 */
union scratch {
	u8 bytes[2 * RECORD_LIMIT]; /* so that an offset masked to RECORD_LIMIT plus any string stays inside */
	/* What is put together here, and elsewhere: a type that no map refers to is left out of the object's BTF. */
	struct exec_record exec;
	struct file_record file;
	struct dup_record dup;
	struct exit_record exit;
	struct fork_record fork;
	struct socket_record socket;
	struct call_record call;
	struct app_record app;
	struct mapping_record mapping;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, union scratch);
} scratches SEC(".maps");

/*
 * Programs at the end of a function can be preempted, and another then runs on the same CPU: each of them holds
 * memory of its own by its thread. The first is for those that cannot be preempted. The loader sets how many there
 * are; with one, none is looked for.
 */
const volatile u32 scratches_per_cpu SEC(".rodata.scratches") = 1;

struct owners {
	u32 threads[SCRATCHES_LIMIT];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct owners);
} scratch_owners SEC(".maps");

static __always_inline union scratch *scratch(void)
{
	u32 cpu = bpf_get_smp_processor_id(), key = cpu * scratches_per_cpu;
	if (scratches_per_cpu > 1) {
		struct owners *owners = bpf_map_lookup_elem(&scratch_owners, &cpu);
		u32 thread = (u32)bpf_get_current_pid_tgid();
		for (u32 i = 1; owners && i < SCRATCHES_LIMIT; i++)
			if (owners->threads[i] == thread)
				key += i;
	}
	return bpf_map_lookup_elem(&scratches, &key);
}

/* For the current thread until zero is written there; null: all are held. */
static __always_inline u32 *hold_scratch(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct owners *owners = bpf_map_lookup_elem(&scratch_owners, &cpu);
	for (u32 i = 1; owners && i < SCRATCHES_LIMIT; i++)
		if (__sync_val_compare_and_swap(&owners->threads[i], 0, (u32)bpf_get_current_pid_tgid()) == 0)
			return &owners->threads[i];
	return NULL;
}

static __always_inline struct counters *counters(void)
{
	return &shared.counters[bpf_get_smp_processor_id() & (COUNTER_ROWS - 1)];
}

/* Made it into a ring. */
static __always_inline void submitted(u32 kind)
{
	__sync_fetch_and_add(&counters()->submitted[kind], 1);
}

static __always_inline void filtered(u32 kind)
{
	__sync_fetch_and_add(&counters()->filtered[kind], 1);
}

static __always_inline void lost(u32 kind)
{
	__sync_fetch_and_add(&counters()->lost[kind], 1);
}

static __always_inline void capped(u32 kind)
{
	__sync_fetch_and_add(&counters()->capped[kind], 1);
}

/* By cgroup id, written by user space. One that is forgotten, as no more than 4,096 live on a node, has no rule. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct cgroup_rule);
} cgroup_rules SEC(".maps");

static __always_inline bool in_scope(u32 kind, u64 cgroup)
{
	struct cgroup_rule *rule = bpf_map_lookup_elem(&cgroup_rules, &cgroup);
	if (rule && rule->kinds & (1ULL << kind))
		return true;
	filtered(kind);
	return false;
}

static __always_inline bool wanted(u32 kind)
{
	u64 bit = 1ULL << kind;
	if (!(shared.kinds & bit))
		return false;
	if ((u32)(bpf_get_current_pid_tgid() >> 32) == shared.self) {
		__sync_fetch_and_add(&shared.own, 1);
		return false;
	}
	return !(shared.scoped & bit) || in_scope(kind, bpf_get_current_cgroup_id());
}

/* Whether its cgroup may say one more in this second. What execution, privilege and escape have to say is never cut. */
static __always_inline bool admitted(const struct header *header, u32 lane)
{
	if (!shared.ruled || lane == LANE_PROCESS)
		return true;
	u64 cgroup = header->cgroup, second = header->time / 1000000000;
	struct cgroup_rule *rule = bpf_map_lookup_elem(&cgroup_rules, &cgroup);
	if (!rule || !rule->caps[lane])
		return true;
	if (rule->second != second) {
		rule->second = second;
		for (int i = 0; i < LANES; i++)
			rule->said[i] = 0;
	}
	if (rule->said[lane] >= rule->caps[lane]) {
		__sync_fetch_and_add(&rule->capped[lane], 1);
		capped(header->kind & (KINDS - 1));
		return false;
	}
	__sync_fetch_and_add(&rule->said[lane], 1);
	return true;
}

#define HAS_TASK_BTF bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/* Where there is no typed pointer to the task, as before 5.11, each step is a call of its own. */
static __always_inline void read_task(struct header *header, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	header->uid = BPF_CORE_READ(cred, uid.val);
	header->gid = BPF_CORE_READ(cred, gid.val);
	header->euid = BPF_CORE_READ(cred, euid.val);
	header->start = BPF_CORE_READ(leader, start_boottime);
	leader = BPF_CORE_READ(leader, real_parent, group_leader);
	header->parent_pid = BPF_CORE_READ(leader, tgid);
	header->parent_start = BPF_CORE_READ(leader, start_boottime);
}

/* Nanoseconds since boot at which the current process began. */
static __always_inline u64 current_start(void)
{
	if (HAS_TASK_BTF)
		return bpf_get_current_task_btf()->group_leader->start_boottime;
	return BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), group_leader, start_boottime);
}

static __always_inline void identify(struct header *header, u32 kind)
{
	u64 id = bpf_get_current_pid_tgid();
	header->time = bpf_ktime_get_boot_ns();
	header->kind = kind;
	header->flags = 0;
	header->result = 0;
	header->pid = id >> 32;
	header->tid = (u32)id;
	header->count = 0;
	header->cgroup = bpf_get_current_cgroup_id();
	if (HAS_TASK_BTF) {
		struct task_struct *leader = bpf_get_current_task_btf();
		const struct cred *cred = leader->cred;
		header->uid = cred->uid.val;
		header->gid = cred->gid.val;
		header->euid = cred->euid.val;
		leader = leader->group_leader;
		header->start = leader->start_boottime;
		leader = leader->real_parent->group_leader;
		header->parent_pid = leader->tgid;
		header->parent_start = leader->start_boottime;
	} else {
		read_task(header, (void *)bpf_get_current_task());
	}
}

/*
 * An urgent record wakes the reader unless it is awake; others wait for its next round, or for a quarter of a
 * full ring. A reader that fell asleep between the question and the commit is woken by `wake` afterwards.
 */
static __always_inline u64 wake_flags(void *ring, bool urgent)
{
	if (!urgent && bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 4)
		return BPF_RB_NO_WAKEUP;
	return *(volatile u32 *)&shared.awake ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
}

static __always_inline void wake(void *ring, u64 flags, bool urgent)
{
	if (!urgent || flags != BPF_RB_NO_WAKEUP || *(volatile u32 *)&shared.awake)
		return;
	void *nothing = bpf_ringbuf_reserve(ring, 8, 0);
	if (nothing)
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

#endif
