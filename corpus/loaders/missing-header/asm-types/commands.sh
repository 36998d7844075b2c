clang -target bpf -O2 -g -c prog.bpf.c
