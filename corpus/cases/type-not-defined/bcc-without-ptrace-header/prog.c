BPF_HASH(sizes, u64, u64);

int on_read(struct pt_regs *ctx)
{
	u64 size = PT_REGS_PARM3(ctx); /* expect: type-not-defined */ /* cause: the header is missing */

	sizes.increment(size);
	return 0;
}
