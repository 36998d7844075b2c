#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int f8(int n)
{
	asm volatile("" : "+r"(n));
	return n + 1;
}

static __attribute__((noinline)) int f7(int n)
{
	asm volatile("" : "+r"(n));
	return f8(n + 7) + 1;
}

static __attribute__((noinline)) int f6(int n)
{
	asm volatile("" : "+r"(n));
	return f7(n + 6) + 1;
}

static __attribute__((noinline)) int f5(int n)
{
	asm volatile("" : "+r"(n));
	return f6(n + 5) + 1;
}

static __attribute__((noinline)) int f4(int n)
{
	asm volatile("" : "+r"(n));
	return f5(n + 4) + 1;
}

static __attribute__((noinline)) int f3(int n)
{
	asm volatile("" : "+r"(n));
	return f4(n + 3) + 1;
}

static __attribute__((noinline)) int f2(int n)
{
	asm volatile("" : "+r"(n));
	return f3(n + 2) + 1;
}

static __attribute__((noinline)) int f1(int n)
{
	asm volatile("" : "+r"(n));
	return f2(n + 1) + 1;
}

SEC("socket")
int entry(struct __sk_buff *skb)
{
	return f1(skb->len);
}

char LICENSE[] SEC("license") = "GPL";
