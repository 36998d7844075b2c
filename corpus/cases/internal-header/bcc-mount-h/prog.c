#include <linux/fs.h>
#include "../fs/mount.h" /* expect: internal-header */ /* cause: not in the packages with headers */

int kprobe__vfs_open(struct pt_regs *ctx, const struct path *path)
{
	struct mount *m = container_of(path->mnt, struct mount, mnt);

	bpf_trace_printk("open on mount %d\n", m->mnt_id);
	return 0;
}
