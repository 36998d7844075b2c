bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h
clang -target bpf -D__TARGET_ARCH_arm64 -O2 -g -c prog.bpf.c
