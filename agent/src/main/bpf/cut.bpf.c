// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// The network cut: attached to a cgroup, nothing that its sockets send or receive passes. The kernel runs
// it for every packet of a socket that was made in the cgroup or below, connections that stood before included.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define DROP 0

SEC("cgroup_skb/ingress")
int cut_ingress(struct __sk_buff *packet)
{
	return DROP;
}

SEC("cgroup_skb/egress")
int cut_egress(struct __sk_buff *packet)
{
	return DROP;
}

char LICENSE[] SEC("license") = "GPL";
