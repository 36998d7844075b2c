"""What loaders that nobody knows by name say in the same words, and how programs crash."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

# gobpf, libbpfgo, tetragon …: what was asked for by name is not in the object.
BY_NAME = Loader(
    "",
    holds=(
        "no such XDP hook ",
        "no such kprobe ",
        "no such kretprobe ",
        "no such uprobe ",
        "no such tracepoint program ",
        "no such socket filter ",
        "failed to find BPF program",
        "failed to find program",
        "program for section ",
        ": no symbols found",
        "neither debugfs nor tracefs are mounted",
        "debugfs is not mounted",
        "tracefs is not mounted",
    ),
    phrases=(
        Phrase("failed to get symbol ", Step.ATTACH, "user-symbol", names_target=True),
        Phrase("kernelsymbols: no symbols found", Step.ATTACH, "kallsyms"),
        Phrase("nor tracefs are mounted", Step.ATTACH, "tracefs"),
        Phrase("fs is not mounted", Step.ATTACH, "tracefs"),
        Phrase("no such ", Step.ATTACH, "program-missing"),
        Phrase("failed to find ", Step.ATTACH, "program-missing"),
        Phrase("program for section ", Step.OPEN, "program-missing", names_target=True),
    ),
)

# goebpf, and the loader that Amazon made from it: of all that an object wants put in, they know maps.
OF_MAPS_ALONE = Loader(
    "goebpf",
    holds=("Invalid BPF instruction (at ", "LoadElf() failed"),
    phrases=(Phrase("invalid bpf instruction (at ", Step.RELOCATE, "maps-alone"),),
)

# What tools say that look at who runs them before they do anything.
ROOT = Loader(
    "",
    holds=(
        "must be run as root",
        "run as root",
        "must be root",
        "requires root",
        "needs root",
        "need to be root",
    ),
    phrases=(
        Phrase("must be run as root", Step.REQUEST, "root", 1),
        Phrase("run as root", Step.REQUEST, "root", 1),
        Phrase("must be root", Step.REQUEST, "root", 1),
        Phrase("requires root", Step.REQUEST, "root", 1),
        Phrase("needs root", Step.REQUEST, "root", 1),
        Phrase("need to be root", Step.REQUEST, "root", 1),
    ),
)

# What builds say where a tool is not installed; Go's words are for any program.
_TOOLS = ("clang", "llc", "opt", "bpftool", "llvm-strip", "llvm-objcopy", "bpf-linker", "pahole", "bpf-gcc")
NOT_INSTALLED = Loader(
    "the build",
    holds=(
        *(f'exec: "{tool}": executable file not found' for tool in _TOOLS),
        *(f" {tool}: not found" for tool in _TOOLS),
        *(f" {tool}: command not found" for tool in _TOOLS),
        *(f" {tool}: Command not found" for tool in _TOOLS),
    ),
    phrases=(Phrase("not found", Step.UNKNOWN, "tool-missing"),),
)

# What Rust's builds say: nothing is loaded there.
BUILD = Loader(
    "the project",
    holds=(
        "failed to run custom build command for ",
        "Failed to generate skeleton",
        "failed to generate skeleton",
        "process didn't exit successfully: ",
        "' panicked at 'failed to build ",
        "panicked at build.rs",
    ),
    phrases=(
        Phrase("failed to generate skeleton", Step.UNKNOWN, "skeleton"),
        Phrase("custom build command", Step.UNKNOWN, "build"),
        Phrase("process didn't exit successfully", Step.UNKNOWN, "build"),
        Phrase("failed to build", Step.UNKNOWN, "build"),
        Phrase("failed to compile", Step.UNKNOWN),
        Phrase("panicked at build.rs", Step.UNKNOWN, "build"),
    ),
    summaries=("process didn't exit successfully", "custom build command"),
)

CRASHED = Loader(
    "",
    holds=(
        "]: segfault at ",
        "signal: killed",
        "signal: terminated",
        "signal: interrupt",
        "' panicked at ",
        " panicked at ",
        "panic: runtime error",
        "Segmentation fault",
    ),
    phrases=(
        Phrase("signal: killed", Step.UNKNOWN, "killed"),
        Phrase("signal: terminated", Step.UNKNOWN, "stopped"),
        Phrase("signal: interrupt", Step.UNKNOWN, "stopped"),
        Phrase("panicked at", Step.UNKNOWN, "crash"),
        Phrase("panic: runtime error", Step.UNKNOWN, "crash"),
        Phrase("segfault at ", Step.UNKNOWN, "crash"),
        Phrase("segmentation fault", Step.UNKNOWN, "crash"),
    ),
)
