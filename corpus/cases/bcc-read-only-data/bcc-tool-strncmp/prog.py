from bcc import BPF

prefix = '''
#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
'''
body = '''
int kprobe__do_exit(struct pt_regs *ctx) {
    char comm[16];

    bpf_get_current_comm(comm, sizeof(comm));
    if (bpf_strncmp(comm, sizeof(comm), "nginx") == 0) /* expect: bcc-read-only-data */ /* cause: the literal has no address */
        bpf_trace_printk("nginx ends\\n");
    return 0;
}
'''
BPF(text=prefix + body).trace_print()
