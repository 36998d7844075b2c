#!/usr/bin/env python3
"""Prints how many bytes were asked for with read(), once a second."""
from time import sleep

from bcc import BPF

program = """
#include <uapi/linux/ptrace.h>

u64 bytes_read;

int on_read(struct pt_regs *ctx)
{
	u64 size = PT_REGS_PARM3(ctx);

	if (size > LIMIT)
		bytes_read += size; /* expect: bcc-global-variable */ /* cause: a variable without memory */
	return 0;
}
"""
b = BPF(text=program.replace("LIMIT", str(4096)))
b.attach_kprobe(event="vfs_read", fn_name="on_read")
while True:
    sleep(1)
