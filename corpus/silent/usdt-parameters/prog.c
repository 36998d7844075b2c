#include <uapi/linux/ptrace.h>

BPF_HASH(queries, u64, u64);

/* attached with usdt.enable_probe("query__start", "on_query"): the probe's arguments are no parameters */
int on_query(struct pt_regs *ctx, u64 connection)
{
	queries.increment(connection);
	return 0;
}
