"""Functions of the C library that people call from BPF programs, where there is none."""

LIBRARY = frozenset(
    {
        "memset", "memcpy", "memmove", "memcmp", "memchr", "bcmp", "strlen", "strnlen", "strcmp",
        "strncmp", "strcasecmp", "strstr", "strchr", "strrchr", "strcpy", "strncpy", "strcat", "strncat",
        "printf", "sprintf", "snprintf", "malloc", "calloc", "free", "abort", "puts", "atoi", "strtol",
        "strtoul", "strtok", "strdup", "strspn", "strcspn", "strpbrk", "strncasecmp", "realloc", "exit",
        "assert", "fprintf", "vsnprintf", "sscanf", "putchar", "perror", "abs", "rand", "srand", "random",
        "qsort", "bsearch", "time", "clock", "gettimeofday", "clock_gettime", "nanosleep", "usleep",
        "sleep", "localtime", "strftime", "getpid", "getppid", "gettid", "getuid", "getenv", "get_nprocs",
        "sysconf", "sched_getcpu", "open", "close", "read", "write", "lseek", "ioctl", "mmap", "socket",
        "inet_ntop", "inet_pton", "inet_addr", "inet_ntoa", "toupper", "tolower", "isalpha", "isdigit",
        "isspace", "isprint", "sqrt", "pow", "floor", "ceil", "log",
    }
)  # fmt: skip
# What gives the same to a program, where a helper does.
HELPERS = {
    "clock": "bpf_ktime_get_ns", "clock_gettime": "bpf_ktime_get_ns", "gettimeofday": "bpf_ktime_get_ns",
    "time": "bpf_ktime_get_ns", "getpid": "bpf_get_current_pid_tgid", "gettid": "bpf_get_current_pid_tgid",
    "getuid": "bpf_get_current_uid_gid", "rand": "bpf_get_prandom_u32", "random": "bpf_get_prandom_u32",
    "sched_getcpu": "bpf_get_smp_processor_id", "printf": "bpf_printk", "puts": "bpf_printk",
    "fprintf": "bpf_printk", "strtol": "bpf_strtol", "strtoul": "bpf_strtoul", "atoi": "bpf_strtol",
    "snprintf": "bpf_snprintf", "sprintf": "bpf_snprintf",
}  # fmt: skip
# These the compiler can write out itself, where the size is a small constant.
WRITTEN_BY_COMPILER = frozenset({"memset", "memcpy", "memmove"})
# What programs want its headers for, and what gives them that. BPF has the kernel's own fixed types.
_TYPES = "the kernel's types (__u32 … of <linux/types.h> or vmlinux.h)"
INSTEAD_OF_HEADERS = {
    "stdint.h": f"{_TYPES}, or the flag -ffreestanding, with which <stdint.h> is the compiler's own",
    "inttypes.h": _TYPES,
    "limits.h": "your own constants, or the flag -ffreestanding, with which <limits.h> is the compiler's own",
    "sys/types.h": _TYPES,
    "string.h": "__builtin_memcpy and __builtin_memset with constant sizes, bpf_strncmp",
    "strings.h": "__builtin_memcpy and __builtin_memset with constant sizes, bpf_strncmp",
    "stdio.h": "bpf_printk of <bpf/bpf_helpers.h>",
    "stdlib.h": "maps for memory; nothing is allocated otherwise",
    "unistd.h": "helpers such as bpf_get_current_pid_tgid",
    "errno.h": "<linux/errno.h>",
    "time.h": "bpf_ktime_get_ns",
    "netinet/in.h": "<linux/in.h>, and <bpf/bpf_endian.h> for bpf_htons",
    "arpa/inet.h": "<bpf/bpf_endian.h>: bpf_htons, bpf_ntohl",
    "netinet/ip.h": "<linux/ip.h> (struct iphdr)",
    "netinet/tcp.h": "<linux/tcp.h> (struct tcphdr)",
    "netinet/udp.h": "<linux/udp.h> (struct udphdr)",
    "net/ethernet.h": "<linux/if_ether.h> (struct ethhdr)",
    "netinet/if_ether.h": "<linux/if_ether.h> (struct ethhdr)",
    "net/if.h": "a #define of the few constants: IFNAMSIZ is 16",
    "sys/socket.h": "a #define of the few constants: AF_INET is 2, AF_INET6 is 10",
    "linux/if.h": "a #define of the few constants: IFNAMSIZ is 16",
    "linux/if_arp.h": "a #define of the few constants: ARPHRD_ETHER is 1",
}
OTHERWISE = "the kernel's types and headers, helpers, and a #define for each constant"
# Headers of libbpf for the program in user space; those for BPF programs begin with bpf_, but for usdt.bpf.h.
LIBBPF_FOR_PROGRAMS = ("bpf/libbpf.h", "bpf/bpf.h", "bpf/btf.h", "bpf/libbpf_common.h", "bpf/xsk.h")
