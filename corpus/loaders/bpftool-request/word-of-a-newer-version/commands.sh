bpftool prog load prog.bpf.o /sys/fs/bpf/on_fork autoattach
