#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct ctx_t { u64 sum; int n; };
static long each(u32 i, struct ctx_t *c)
{
    c->sum += i;
    if (c->n-- == 0)
        return 1;
    return 0;
}
u64 result;
SEC("tp/syscalls/sys_enter_getpid")
int run(void *ctx)
{
    struct ctx_t c;
    c.n = 100;
    bpf_loop(1000, each, &c, 0);
    result = c.sum;
    return 0;
}
char _license[] SEC("license") = "GPL";
