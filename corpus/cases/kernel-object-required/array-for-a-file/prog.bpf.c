#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_get_file_xattr(struct file *file, const char *name, struct bpf_dynptr *value) __ksym;

char label[32];

SEC("lsm.s/file_open")
int BPF_PROG(on_open, struct file *file)
{
	struct bpf_dynptr value;
	struct file *opened[1] = {file};

	bpf_dynptr_from_mem(label, sizeof(label), 0, &value);
	bpf_get_file_xattr((struct file *)opened, "user.label", &value); /* expect: kernel-object-required */ /* cause: the array's own address */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
