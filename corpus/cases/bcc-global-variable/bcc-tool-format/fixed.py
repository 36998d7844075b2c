#!/usr/bin/env python3
import argparse

from bcc import BPF

parser = argparse.ArgumentParser()
parser.add_argument("-s", "--skip", type=int, default=10)
args = parser.parse_args()

text = r"""
#include <uapi/linux/ptrace.h>
#define SKIP %d

BPF_ARRAY(seen, int, 1);

int kprobe__do_exit(struct pt_regs *ctx)
{
    int seen_key = 0;
    int *seen_value = seen.lookup(&seen_key);

    if (!seen_value)
        return 0;
    if ((*seen_value)++ < SKIP)
        return 0;
    bpf_trace_printk("exit\n");
    return 0;
}
""" % args.skip

BPF(text=text).trace_print()
