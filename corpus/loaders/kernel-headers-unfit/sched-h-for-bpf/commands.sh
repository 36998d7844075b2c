B=/usr/src/linux-headers-6.1.0-57-cloud-amd64; S=/usr/src/linux-headers-6.1.0-57-common
clang -target bpf -O2 -g -ferror-limit=2 -D__KERNEL__ -I$S/arch/x86/include -I$B/arch/x86/include/generated -I$S/include -I$B/include -I$S/arch/x86/include/uapi -I$B/arch/x86/include/generated/uapi -I$S/include/uapi -include $S/include/linux/kconfig.h -c prog.bpf.c
