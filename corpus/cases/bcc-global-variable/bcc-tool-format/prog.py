#!/usr/bin/env python3
import argparse

from bcc import BPF

parser = argparse.ArgumentParser()
parser.add_argument("-s", "--skip", type=int, default=10)
args = parser.parse_args()

text = r"""
#include <uapi/linux/ptrace.h>
#define SKIP %d

static int seen;

int kprobe__do_exit(struct pt_regs *ctx)
{
    if (seen++ < SKIP) /* expect: bcc-global-variable */ /* cause: a variable without memory */
        return 0;
    bpf_trace_printk("exit\n");
    return 0;
}
""" % args.skip

BPF(text=text).trace_print()
