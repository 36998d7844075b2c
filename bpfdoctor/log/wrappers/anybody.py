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

CRASHED = Loader(
    "",
    holds=("signal: killed", "' panicked at ", " panicked at ", "panic: runtime error", "Segmentation fault"),
    phrases=(
        Phrase("panicked at", Step.UNKNOWN, "crash"),
        Phrase("panic: runtime error", Step.UNKNOWN, "crash"),
        Phrase("segmentation fault", Step.UNKNOWN, "crash"),
    ),
)
