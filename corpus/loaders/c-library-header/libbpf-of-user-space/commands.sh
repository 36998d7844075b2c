clang -target bpf -O2 -g -I/usr/include/$(uname -m)-linux-gnu -c prog.bpf.c
