"""How bpftool fails: `Error: ` and a sentence, about what it was asked for more often than about a load."""

from __future__ import annotations

from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.model.failure import Step

BPFTOOL = Loader(
    "bpftool",
    begins=(
        "Error: expected ",
        "Error: invalid devname",
        "Error: map create failed",
        "Error: unrecognized option",
        "Error: failed to attach program",
        "Error: can't",
        "Error: failed to pin",
        "Error: bug: ",
        "Error: prog ",
        "Error: object file",
        "Error: get ",
        "Error: attach_",
        "Error: unable to find map",
        "Error: map idx ",
        "Error: several programs match",
        "Error: interface ",
        "Error: btf_vmlinux",
    ),
    holds=("bpftool",),
    phrases=(
        Phrase("error: expected ", Step.REQUEST, "usage"),
        Phrase("unrecognized option", Step.REQUEST, "usage"),
        Phrase("invalid devname", Step.ATTACH, "no-device", 19, names_target=True),
        Phrase("map create failed", Step.MAP),
        Phrase("btf_vmlinux is malformed", Step.RELOCATE),
        Phrase("object file doesn't contain", Step.OPEN, "no-program"),
        Phrase("failed to load object file", Step.LOAD),
        Phrase("failed to open object file", Step.OPEN),
        Phrase("failed to pin", Step.PIN, "pin-unsaid"),
        Phrase("can't pin", Step.PIN),
        Phrase("can't mount bpf file system", Step.PIN, "mount"),
        Phrase("interface", Step.ATTACH, "xdp"),
        Phrase("failed to attach", Step.ATTACH),
        Phrase("can't get", Step.REQUEST),
        Phrase("can't open object by", Step.REQUEST),
        Phrase("unable to open bpf file", Step.OPEN),
    ),
    summaries=("failed to load object file", "failed to open object file"),
)
