#include <uapi/linux/ptrace.h>
#include <linux/fs.h>
#include "../fs/ext4/ext4.h" /* expect: internal-header */ /* cause: not in the packages with headers */

BPF_HASH(inodes, u64, u64);

int kprobe__ext4_file_open(struct pt_regs *ctx, struct inode *inode)
{
	u64 group = EXT4_I(inode)->i_block_group;

	inodes.increment(group);
	return 0;
}
