#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int hash_comm(void)
{
	char comm[272] = {};
	int i, sum = 0;

	bpf_get_current_comm(comm, 16);
	for (i = 0; i < sizeof(comm); i++)
		sum = sum * 31 + comm[i];
	return sum;
}

SEC("tc")
int hash_line(struct __sk_buff *skb) /* expect: stack-too-large */
{
	char line[304] = {};
	int hash = hash_comm(); /* cause: 272 bytes more */

	bpf_skb_load_bytes(skb, 0, line, sizeof(line));
	return line[hash & 255] == hash;
}

char LICENSE[] SEC("license") = "GPL";
