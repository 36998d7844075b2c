#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))

struct registers {
	unsigned long first[6];
};

__attribute__((noinline)) int first(struct registers *registers __arg_ctx)
{
	return registers->first[0] != 0;
}

SEC("perf_event")
int sample(void *ctx)
{
	return first(ctx); /* expect: global-function-context-type */ /* cause: its argument is no context of this type */
}

char LICENSE[] SEC("license") = "GPL";
