#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __weak __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __weak __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __weak __ksym;
int ports[16];
SEC("xdp")
int find(struct xdp_md *ctx)
{
    struct bpf_iter_num it;
    int *i;
    bpf_iter_num_new(&it, 0, 16);
    while ((i = bpf_iter_num_next(&it))) {
        if ((unsigned long)(*i) >= 16)
            break;
        if (ports[*i] == ctx->ingress_ifindex) {
            bpf_iter_num_destroy(&it);
            return XDP_DROP;
        }
    }
    bpf_iter_num_destroy(&it);
    return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
