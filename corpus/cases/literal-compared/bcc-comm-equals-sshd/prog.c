#include <uapi/linux/ptrace.h>

BPF_HASH(logins, u32, u64);

int on_clone(struct pt_regs *ctx)
{
	char comm[16];
	u32 uid = bpf_get_current_uid_gid();

	bpf_get_current_comm(&comm, sizeof(comm));
	if (comm == "sshd") /* expect: literal-compared */ /* cause: two addresses */
		logins.increment(uid);
	return 0;
}
