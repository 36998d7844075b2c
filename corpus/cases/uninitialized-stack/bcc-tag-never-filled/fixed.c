#include <uapi/linux/ptrace.h>

struct data_t {
	u64 inode;
	u16 mode;
	char tag[6];
};
BPF_PERF_OUTPUT(opens);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	struct data_t data = {0};

	data.inode = PT_REGS_PARM1(ctx);
	data.mode = 4;
	opens.perf_submit(ctx, &data, sizeof(data));
	return 0;
}
