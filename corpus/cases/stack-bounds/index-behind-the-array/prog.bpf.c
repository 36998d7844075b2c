#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	char name[16];
	volatile char *at = name;

	bpf_get_current_comm(name, sizeof(name));
	return at[520] == 'x'; /* expect: stack-bounds */ /* cause: 520 of 16 */
}

char LICENSE[] SEC("license") = "GPL";
