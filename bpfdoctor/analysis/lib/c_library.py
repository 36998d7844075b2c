"""Functions of the C library that people call from BPF programs, where there is none."""

LIBRARY = frozenset(
    {
        "memset", "memcpy", "memmove", "memcmp", "memchr", "bcmp", "strlen", "strnlen", "strcmp", "strncmp",
        "strcasecmp", "strstr", "strchr", "strrchr", "strcpy", "strncpy", "strcat", "strncat", "printf",
        "sprintf", "snprintf", "malloc", "calloc", "free", "abort", "puts", "atoi", "strtol",
    }
)  # fmt: skip
# These the compiler can write out itself, where the size is a small constant.
WRITTEN_BY_COMPILER = frozenset({"memset", "memcpy", "memmove"})
