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
