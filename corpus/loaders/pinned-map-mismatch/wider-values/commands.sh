bpftool map create /sys/fs/bpf/flows type hash key 4 value 8 entries 1024 name flows # the last version's
bpftool prog load prog.bpf.o /sys/fs/bpf/count
