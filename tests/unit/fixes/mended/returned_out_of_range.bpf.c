#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("cgroup/connect4")
int redirect(struct bpf_sock_addr *ctx)
{
    if (ctx->user_ip4 == bpf_htonl(0x0a000001) && ctx->user_port == bpf_htons(80)) {
        ctx->user_ip4 = bpf_htonl(0x7f000001);
        ctx->user_port = bpf_htons(8080);
        return 2;
    }
    return -1;
}
char _license[] SEC("license") = "GPL";
