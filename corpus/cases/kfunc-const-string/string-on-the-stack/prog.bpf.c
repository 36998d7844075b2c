#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_get_file_xattr(struct file *file, const char *name, struct bpf_dynptr *value) __ksym;

char bytes[64];

SEC("lsm.s/bprm_check_security")
int owner(__u64 *ctx)
{
	struct linux_binprm *bprm = (void *)ctx[0];
	struct bpf_dynptr value;
	char name[] = "user.owner";

	if (!bprm->file->f_mode)
		return 0;
	bpf_dynptr_from_mem(bytes, sizeof(bytes), 0, &value);
	bpf_get_file_xattr(bprm->file, name, &value); /* expect: kfunc-const-string */ /* cause: a copy on the stack */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
