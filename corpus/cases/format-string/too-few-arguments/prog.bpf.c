#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char format[] = "%llu of %llu";

SEC("tc")
int print(struct __sk_buff *skb)
{
	__u64 args[] = { skb->len };
	char out[16];

	return bpf_snprintf(out, sizeof(out), format, args, sizeof(args)) > 2; /* expect: format-string */ /* cause: two conversions and one argument */
}

char LICENSE[] SEC("license") = "GPL";
