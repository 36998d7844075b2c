#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))

__attribute__((noinline)) int first(struct bpf_perf_event_data *registers __arg_ctx)
{
	return registers->sample_period != 0;
}

SEC("perf_event")
int sample(void *ctx)
{
	return first(ctx);
}

char LICENSE[] SEC("license") = "GPL";
