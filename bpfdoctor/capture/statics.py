"""Makes programs that are `static` global: libbpf refuses them, other loaders (cilium/ebpf) do not."""

from __future__ import annotations

from bpfdoctor.formats.elf import FUNC, Elf

_GLOBAL = 0x10  # STB_GLOBAL << 4
_MOST_NAMED = 5


def made_global(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The object with its static programs global, and a sentence about them; () without any."""
    elf = Elf.read(data)
    places = [
        (symbol.name, at)
        for symbol, at in (elf.local_code() if elf else ())
        if symbol.kind == FUNC and symbol.section is not None and elf and elf.names[symbol.section] != ".text"
    ]
    if not places:
        return data, ()
    changed = bytearray(data)
    for _, at in places:
        changed[at] |= _GLOBAL
    names = [name for name, _ in places]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    many = f"{', '.join(names[:_MOST_NAMED])}{more} {'are' if len(names) > 1 else 'is'}"
    return bytes(changed), (
        f"{many} static: libbpf refuses that, other loaders do not. Loaded as if there were no `static`.",
    )
