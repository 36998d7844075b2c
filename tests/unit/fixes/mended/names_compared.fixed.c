#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char target[16] = "nginx";
u64 hits;
SEC("kprobe/tcp_sendmsg")
int BPF_KPROBE(snd, struct sock *sk)
{
    char comm[16];
    bpf_get_current_comm(&comm, sizeof(comm));
    int differs = 0;

    for (int i = 0; i < sizeof(comm) && i < sizeof(target) && !differs; i++) {
        differs = comm[i] != target[i];
        if (!comm[i])
            break;
    }
    if (differs == 0)
        __sync_fetch_and_add(&hits, 1);
    return 0;
}
char _license[] SEC("license") = "GPL";
