#include <uapi/linux/ptrace.h>

BPF_HASH(logins, u32, u64);

int on_clone(struct pt_regs *ctx)
{
	char comm[16];
	char want[16] = {};
	int differs = 0;
	u32 uid = bpf_get_current_uid_gid();

	bpf_get_current_comm(&comm, sizeof(comm));
	__builtin_memcpy(want, "sshd", sizeof("sshd"));
	for (int i = 0; i < sizeof(want) && !differs; i++)
		differs = comm[i] - want[i];
	if (!differs)
		logins.increment(uid);
	return 0;
}
