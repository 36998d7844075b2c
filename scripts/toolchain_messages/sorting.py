"""When a user meets a message (compile, open, load, attach, use) and what it is about."""

from __future__ import annotations

import re

from scripts.toolchain_messages.found import Found

# tool -> (pattern over "file function format", when); the first that matches, else the last word
_WHEN: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "libbpf": (
        (
            (r" header error:", "compile"),
            (r"^(linker|strset|hashmap)\.c", "use"),
            (r"^(ringbuf|btf_dump)\.c|perf_buffer|ring_buffer|user_ring", "use"),
            (
                r"^(usdt|netlink|nlattr|elf|zip)\.c|attach|_link\b|bpf_link__|tracepoint|uprobe|kprobe"
                r"|perf_event",
                "attach",
            ),
            (
                r"^\S+ (bpf_object__(open|new|elf|init|collect|parse|check|find)\w*|bpf_object_open"
                r"|parse_\w+|find_\w+"
                r"|bpf_program__init|init_\w+|fill_map\w*|build_map\w*|btf_parse\w*|btf__parse\w*|btf_new\w*"
                r"|set_kcfg\w*|validate_\w+|elf_sec\w*|libbpf_prepare\w*|add_\w+sec\w*|get_\w+sec\w*) ",
                "open",
            ),
            (r"^(btf|btf_relocate|btf_iter)\.c", "open"),
            (
                r"^\S+ (bpf_map__(set|get|pin|unpin|lookup|update|delete|initial)\w*"
                r"|bpf_object__(un)?pin\w*|skel|make_parent|check_path)",
                "use",
            ),
        ),
        "load",
    ),
    "bpftool": (
        (
            (
                r"^(prog|struct_ops|iter)\.c .*(load|object|attach|type|pin|autoattach|struct_ops|verifier)",
                "load",
            ),
            (r"^(common|main)\.c .*(bpf|mount|pin|btf|map|prog)", "load"),
        ),
        "use",
    ),
    "iproute2": (((r"iplink_xdp|libnetlink|tc_filter", "attach"),), "load"),
    "bcc": (
        (
            (r" bpf: |(?i:could not open bpf|hint|load|memlock|rlimit|\.BTF)", "load"),
            (r"(?i)attach|probe|tracepoint|perf|usdt|xdp|binary path|event", "attach"),
            (
                r"(?i)table|array|member|struct|redefini|argument|variable|dereference|unable to (parse"
                r"|compile)|must|"
                r"cannot|map|header|source|module|clang|target|syscall|string|macro|static|function|bpf_",
                "compile",
            ),
        ),
        "use",
    ),
    "bcc-python": (
        (
            (r"(?i)compile|source|header|text|file|not both|unknown program|function name", "compile"),
            (r"(?i)load|privilege|super-user|map", "load"),
            (r"(?i)attach|probe|tracepoint|perf|usdt|symbol|traceable|xdp|path", "attach"),
        ),
        "use",
    ),
    "cilium/ebpf": (
        (
            (r"^(link|internal/(linux|tracefs|kallsyms|uprobe|kconfig))/|^link", "attach"),
            (r"^(perf|ringbuf|pin|internal/epoll|variable|memory|marshal|internal/sysenc)", "use"),
            (
                r"^(elf_\w+|asm/\w+|internal/elf|btf/(btf|ext_info|unmarshal|marshal|strings|types|format"
                r"|dedup)|types|attachtype)\.?",
                "open",
            ),
        ),
        "load",
    ),
    "aya": (
        (
            (r"^src/(obj|relocation|btf/\w+|maps|util)\.rs|^src/generated", "open"),
            (r"^src/(bpf|programs/mod|sys/bpf|sys/feature\w*|maps/mod)\.rs", "load"),
            (r"^src/(programs|sys)/", "attach"),
        ),
        "use",
    ),
    "libbpf-rs": (
        (
            (r"object\.rs.*(open|load|parse)|skeleton|error", "load"),
            (r"program\.rs|link\.rs|tc\.rs|netfilter", "attach"),
        ),
        "use",
    ),
    "llvm": ((), "compile"),
}

_TOPICS: tuple[tuple[str, str], ...] = (
    ("stack", r"(?i)stack limit|stack (arg|return)|dynamic stack"),
    ("missing-header", r"file not found|unknown type name|bits/libc"),
    ("built-in-call", r"built-in function|builtin"),
    ("core-relo", r"(?i)co-?re|relo|preserve_|candidate|__builtin_\w*(field|type|enum)|local type|spec\b"),
    ("atomics", r"(?i)atomic|XADD|fence"),
    ("division", r"(?i)division|sdiv|\bdiv"),
    (
        "calling-convention",
        r"(?i)too many arg|aggregate|variadic|VarArgs|pass by value|small returns|integer returns"
        r"|function return|calling convention|argument (type|location)|stack arguments",
    ),
    ("assembly", r"(?i)operand|mnemonic|register name|unexpected token|inst constraint|in asm|immediate"),
    ("permission", r"(?i)permission|EPERM|root|privileg|memlock|rlimit|CAP_"),
    ("extern", r"(?i)extern|ksym|kconfig|kcfg|kfunc|symbol"),
    ("struct-ops", r"(?i)struct_?ops"),
    ("pinning", r"(?i)\bpin|bpffs|bpf fs|mounted"),
    (
        "attach",
        r"(?i)attach|kprobe|uprobe|tracepoint|xdp|perf event|perf_event|usdt|cgroup|\blink\b"
        r"|netlink|\btc\b|fentry",
    ),
    ("btf", r"(?i)\bbtf|type id|typedef"),
    (
        "program-load",
        r"(?i)load(ing)? (prog|bpf)|prog(ram)? load|failed to load|verifier|log|BPF_PROG_LOAD"
        r"|license|prog '|program",
    ),
    ("map", r"(?i)\bmaps?\b|table|array|inner|key|value size|max_entries|ring ?buf"),
    ("elf", r"(?i)\belf|section|symtab|object file|header|string table"),
    ("instructions", r"(?i)insn|instruction|opcode|jump"),
)
# When the text does not say, the file does
_FILES: tuple[tuple[str, str], ...] = (
    ("core-relo", r"core\.go|relocation\.rs|relo_core"),
    ("btf", r"btf"),
    ("elf", r"elf|linker|obj\.rs|zip\.c"),
    ("attach", r"^link|link|programs/|tracefs|kprobe|perf|usdt|netlink|program\.rs|tc\.rs"),
    ("map", r"map|ring|collection|variable|memory|table\.py"),
    ("instructions", r"^asm/|insn|disassembler"),
    ("program-load", r"^(prog|syscalls|features)|bpf\.rs|object\.rs|verifier"),
)
_COMPILED = tuple((topic, re.compile(pattern)) for topic, pattern in _TOPICS)


def when(found: Found) -> str:
    """At which step the user meets it."""
    patterns, otherwise = _WHEN[found.tool]
    text = f"{found.file} {found.function or '-'} {found.format}"
    return next((word for pattern, word in patterns if re.search(pattern, text)), otherwise)


def topic(found: Found) -> str:
    """What it is about; `c` is ordinary C that does not compile."""
    for name, pattern in _COMPILED:
        if pattern.search(found.format):
            return name
    if found.tool == "llvm":
        return "c"
    return next((name for name, pattern in _FILES if re.search(pattern, found.file)), "other")
