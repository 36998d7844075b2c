#!/usr/bin/env python3
"""Prints how many bytes were asked for with read(), once a second."""
from time import sleep

from bcc import BPF

program = """
#include <uapi/linux/ptrace.h>

BPF_ARRAY(bytes_read, u64, 1);

int on_read(struct pt_regs *ctx)
{
	int bytes_read_key = 0;
	u64 *bytes_read_value = bytes_read.lookup(&bytes_read_key);

	if (!bytes_read_value)
		return 0;
	u64 size = PT_REGS_PARM3(ctx);

	if (size > LIMIT)
		*bytes_read_value += size;
	return 0;
}
"""
b = BPF(text=program.replace("LIMIT", str(4096)))
b.attach_kprobe(event="vfs_read", fn_name="on_read")
while True:
    sleep(1)
