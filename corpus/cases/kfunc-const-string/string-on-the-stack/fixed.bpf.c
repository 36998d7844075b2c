#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_get_file_xattr(struct file *file, const char *name, struct bpf_dynptr *value) __ksym;

char bytes[64];
const char name[] = "user.owner";

SEC("lsm.s/bprm_check_security")
int owner(__u64 *ctx)
{
	struct linux_binprm *bprm = (void *)ctx[0];
	struct bpf_dynptr value;

	if (!bprm->file->f_mode)
		return 0;
	bpf_dynptr_from_mem(bytes, sizeof(bytes), 0, &value);
	bpf_get_file_xattr(bprm->file, name, &value);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
