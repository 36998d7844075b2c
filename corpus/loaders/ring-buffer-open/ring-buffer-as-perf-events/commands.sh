bpftool prog load prog.bpf.o /sys/fs/bpf/on_fork pinmaps /sys/fs/bpf
bpftool map event_pipe pinned /sys/fs/bpf/events
