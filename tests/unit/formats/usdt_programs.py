"""Programs with USDT probes, compiled for a test, with notes as SystemTap's wiki describes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

#: PROBE(provider, name, semaphore, arguments, inputs): a nop, and the note that says where it is
NOTES = r"""
__asm__(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
        ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n_.stapsdt.base: .space 1\n.popsection\n");
#define PROBE(provider, name, semaphore, arguments, ...)                                     \
    __asm__ volatile("990: nop\n"                                                            \
                     ".pushsection .note.stapsdt,\"\",\"note\"\n"                            \
                     ".balign 4\n.4byte 992f-991f, 994f-993f, 3\n"                           \
                     "991: .asciz \"stapsdt\"\n992: .balign 4\n"                             \
                     "993: .8byte 990b, _.stapsdt.base, " semaphore "\n"                     \
                     ".asciz \"" provider "\"\n.asciz \"" name "\"\n"                        \
                     ".asciz \"" arguments "\"\n994: .balign 4\n.popsection\n" ::__VA_ARGS__)
#define SEMAPHORE(symbol) \
    __attribute__((section(".probes"), used)) volatile unsigned short symbol
"""


def built(folder: Path, text: str, *flags: str, name: str = "program") -> Path:
    """What gcc makes of a program."""
    source = folder / f"{name}.c"
    source.write_text(NOTES + text)
    made = folder / name
    subprocess.run(["gcc", "-O1", "-w", "-o", made, source, *flags], check=True)
    return made
