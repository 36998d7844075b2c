"""Structures that are the kernel's alone."""

from __future__ import annotations

#: No header of include/uapi declares them, no system call takes them, and no packet has them: their layout is
#: each kernel's own, and their memory is always the kernel's.
KERNELS_OWN = frozenset(
    {"task_struct", "file", "inode", "dentry", "sock", "sk_buff", "mm_struct", "vm_area_struct", "cred"}
    | {"nsproxy", "super_block", "vfsmount", "net_device", "css_set", "cgroup", "bio", "request", "path"}
    | {"signal_struct", "files_struct", "fdtable", "inet_sock", "tcp_sock", "linux_binprm", "rq", "net"}
)
