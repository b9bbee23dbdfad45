// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// The network cut: attached to a cgroup, nothing that its sockets send or receive passes. The kernel runs
// it for every packet of a socket that was made in the cgroup or below, connections that stood before included.
#define SEC(name) __attribute__((section(name), used))
#define DROP 0

struct __sk_buff;

SEC("cgroup_skb/ingress")
int cut_ingress(const struct __sk_buff *packet)
{
	return DROP;
}

SEC("cgroup_skb/egress")
int cut_egress(const struct __sk_buff *packet)
{
	return DROP;
}

char LICENSE[] SEC("license") = "GPL";
