#!/usr/bin/env python3
"""Counts the exits of one command."""
import sys

from bcc import BPF

source = """
#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

BPF_HASH(counts, u32);

static inline bool is_wanted(const char *comm, const char *name)
{
	while (*comm && *comm == *name) { /* expect: bcc-read-only-data */ /* cause: name is a literal */
		comm++;
		name++;
	}
	return *comm == *name;
}

int do_exit_probe(struct pt_regs *ctx)
{
	char comm[16];
	u32 pid = bpf_get_current_pid_tgid();

	bpf_get_current_comm(comm, sizeof(comm));
	if (is_wanted(comm, "NAME"))
		counts.increment(pid);
	return 0;
}
"""
source = source.replace("NAME", "mysqld")
b = BPF(text=source)
b.attach_kprobe(event="do_exit", fn_name="do_exit_probe")
b.trace_print()
