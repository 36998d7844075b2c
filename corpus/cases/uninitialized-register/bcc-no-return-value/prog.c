#include <uapi/linux/ptrace.h>

/* A first try: can a probe be placed here at all? */
int kprobe__do_exit(struct pt_regs *ctx)
{
} /* expect: uninitialized-register */ /* cause: nothing was returned */
