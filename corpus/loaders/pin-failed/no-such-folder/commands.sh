bpftool prog load prog.bpf.o /sys/fs/bpf/filters/pass
