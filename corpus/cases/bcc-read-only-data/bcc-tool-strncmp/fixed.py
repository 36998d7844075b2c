from bcc import BPF

prefix = '''
#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
'''
body = '''
int kprobe__do_exit(struct pt_regs *ctx) {
    char comm[16];

    bpf_get_current_comm(comm, sizeof(comm));
    char want[16] = {};
    int differs = 0;

    __builtin_memcpy(want, "nginx", sizeof("nginx"));
    for (int i = 0; i < sizeof(want) && !differs; i++)
        differs = comm[i] - want[i];
    if (differs == 0)
        bpf_trace_printk("nginx ends\\n");
    return 0;
}
'''
BPF(text=prefix + body).trace_print()
