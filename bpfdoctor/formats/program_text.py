"""Tells programs from logs, and BCC's C from libbpf's, by what their text has."""

from __future__ import annotations

import os
import re
import shlex

from bpfdoctor.formats.c_text import code_only
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later

# Only BCC has these: macros that its rewriter expands, methods on maps, names it attaches by.
_BCC_MACROS = frozenset({
    "BPF_HASH", "BPF_ARRAY", "BPF_HISTOGRAM", "BPF_PERF_OUTPUT", "BPF_PERF_ARRAY", "BPF_LPM_TRIE",
    "BPF_PROG_ARRAY", "BPF_DEVMAP", "BPF_XDP_REDIRECT_MAP", "BPF_CPUMAP", "BPF_XSKMAP",
    "BPF_ARRAY_OF_MAPS", "BPF_HASH_OF_MAPS", "BPF_RINGBUF_OUTPUT", "BPF_QUEUE", "BPF_STACK",
    "BPF_STACK_TRACE", "BPF_STACK_TRACE_BUILDID", "BPF_SOCKHASH", "BPF_SOCKMAP", "BPF_SK_STORAGE",
    "BPF_CGROUP_ARRAY", "BPF_INODE_STORAGE", "BPF_TASK_STORAGE", "BPF_PERCPU_ARRAY", "BPF_PERCPU_HASH",
    "BPF_TABLE", "BPF_TABLE_PUBLIC", "BPF_TABLE_SHARED", "TRACEPOINT_PROBE", "RAW_TRACEPOINT_PROBE",
    "KFUNC_PROBE", "KRETFUNC_PROBE", "MODULE_KFUNC_PROBE", "MODULE_KRETFUNC_PROBE", "KMOD_RET",
    "LSM_PROBE", "BPF_ITER", "bpf_usdt_readarg", "bpf_usdt_readarg_p", "cursor_advance",
})  # fmt: skip
_BCC_METHODS = frozenset({
    "perf_submit", "perf_submit_skb", "ringbuf_output", "ringbuf_reserve", "ringbuf_submit",
    "lookup_or_try_init", "lookup_or_init", "increment", "atomic_increment", "get_stackid",
})  # fmt: skip
BCC_NAMES = ("kprobe__", "kretprobe__", "tracepoint__", "raw_tracepoint__", "kfunc__", "kretfunc__", "lsm__")
_CALL = later(r"(\.?)\b([A-Za-z_]\w*)\s*\(")
_LIBBPF_INCLUDE = later(r"#\s*include\s*[<\"](?:bpf/bpf_\w+|bpf_helpers|vmlinux)\.h")
OTHER_LANGUAGES = {
    ".rs": (
        "Rust",
        "Build it first, and what its crate loads is found. Or name the object: target/bpfel-unknown-none/…",
    ),
    ".go": ("Go", "Name the C file, or the object that bpf2go made (…_bpfel.o)."),
    ".bt": ("a bpftrace script", "Save what bpftrace -v prints, and give it to bpfdoctor log."),
    ".cpp": ("C++", "BPF programs are C: name the .bpf.c file."),
    ".cc": ("C++", "BPF programs are C: name the .bpf.c file."),
}


def refuse_program(data: bytes, source: str) -> None:
    """Problem when a text is a program, where a log belongs. `source` is its name, - for standard input."""
    text = data.decode("utf-8", "replace")
    if is_log(text):
        return
    name = "FILE" if source == "-" else f"-- {shlex.quote(source)}"
    shown = "standard input" if source == "-" else source
    suffix = os.path.splitext(source)[1]
    if suffix in OTHER_LANGUAGES:
        language, way_out = OTHER_LANGUAGES[suffix]
        raise Problem(f"{shown} is a program ({language}), not a log.", way_out)
    code = code_only(text)
    is_python = re.search(r"^(?:from bcc import|import bcc)\b|\bBPF\s*\(\s*(?:text|src_file)\s*=", text, re.M)
    if is_python or suffix == ".py" or any(marks(text, code)) or suffix in (".c", ".h"):
        raise Problem(
            f"{shown} is a program, not a log.",
            f"Let it be compiled, loaded and explained: sudo bpfdoctor check {name}",
            "Or give what its loader prints: YOUR-LOADER 2>&1 | bpfdoctor log",
        )


def marks(text: str, code: str) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
    """The first thing in the file that only BCC has, and the first that only libbpf has: (what, line)."""
    own = set(re.findall(r"#\s*define\s+(\w+)", code))
    bcc: tuple[str, int] | None = None
    libbpf: tuple[str, int] | None = None
    for call in _CALL.finditer(code):
        name = call[2]
        if name == "SEC" or name.startswith("__section") or name == "section":
            libbpf = libbpf or (name, _line(code, call))
        elif not bcc and name not in own and _is_bccs(name, method=bool(call[1])):
            bcc = (name, _line(code, call))
    if not libbpf:
        # Names of headers look like strings, which `code` has blanked: look where an #include stands.
        for include in _LIBBPF_INCLUDE.finditer(text):
            if code[include.start()] == "#":
                libbpf = ("#include " + include[0].split("include", 1)[1].strip(' <"'), _line(code, include))
                break
    return bcc, libbpf


def _is_bccs(name: str, method: bool) -> bool:
    return name in _BCC_METHODS if method else name in _BCC_MACROS or name.startswith(BCC_NAMES)


def is_log(text: str) -> bool:
    """Whether a text has lines that verifiers and loaders print."""
    lines = (
        r"^[ \t]*\d+: (?:\([0-9a-f]{2}\) |R\d)|^processed \d+ insns|^libbpf: |-- BEGIN PROG LOAD LOG --"
        r"|^(?:bpf: )?Failed to load program|R\d+ !read_ok"
        r"|^[ \t]*File \"[^\"\n]{1,300}\", line \d+, in "  # Python's traceback shows lines of a program
    )
    return bool(re.search(lines, text, re.M))


def _line(code: str, match: re.Match[str]) -> int:
    return code.count("\n", 0, match.start()) + 1
