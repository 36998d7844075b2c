#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Linux 6.1 has these for tests. */
struct prog_test_ref_kfunc {
	int a, b;
};

extern struct prog_test_ref_kfunc *bpf_kfunc_call_test_acquire(unsigned long *p) __ksym;
extern int *bpf_kfunc_call_test_acq_rdonly_mem(struct prog_test_ref_kfunc *p, const int size) __ksym;
extern void bpf_kfunc_call_test_release(struct prog_test_ref_kfunc *p) __ksym;

SEC("tc")
int take(struct __sk_buff *skb)
{
	unsigned long place = 0;
	struct prog_test_ref_kfunc *object = bpf_kfunc_call_test_acquire(&place);
	int *number, found = 0;

	if (!object)
		return 0;
	number = bpf_kfunc_call_test_acq_rdonly_mem(object, sizeof(int)); /* expect: kfunc-declared-wrong */ /* cause: flagged KF_ACQUIRE, and returns int * */
	if (number)
		found = *number;
	bpf_kfunc_call_test_release(object);
	return found;
}
char LICENSE[] SEC("license") = "GPL";
