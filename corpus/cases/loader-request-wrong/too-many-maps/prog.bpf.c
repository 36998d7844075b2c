#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* one map for each of 70 counters */
#define EACH(do, n) do(n##0) do(n##1) do(n##2) do(n##3) do(n##4) do(n##5) do(n##6) do(n##7) do(n##8) do(n##9)
#define ALL(do) EACH(do, 1) EACH(do, 2) EACH(do, 3) EACH(do, 4) EACH(do, 5) EACH(do, 6) EACH(do, 7)

#define DECLARE(n) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } counter_##n SEC(".maps");
ALL(DECLARE)

#define COUNT(n) case n: value = bpf_map_lookup_elem(&counter_##n, &zero); break;

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *value = 0;

	switch (skb->mark) {
	ALL(COUNT) /* expect: loader-request-wrong */ /* cause: 70 maps in one program */
	}
	if (value)
		*value += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
