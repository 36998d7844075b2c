#!/usr/bin/env python3
from bcc import BPF

text = r"""
#include <linux/fs.h>
#include "../../fs/mount.h" /* expect: internal-header */ /* cause: not in the packages with headers */
BPF_HASH(mounts, u32, u64);
int on_mount(struct pt_regs *ctx, struct path *path) {
    u32 id = container_of(path->mnt, struct mount, mnt)->mnt_id;
    mounts.increment(id);
    return 0;
}
"""
b = BPF(text=text)
b.attach_kprobe(event="path_mount", fn_name="on_mount")
