"""The functions of /proc/kallsyms, as they are looked up by name."""

from __future__ import annotations

from bpfdoctor.formats.kallsyms import Symbol, Symbols

TEXT = b"""\
ffffffff81000000 T vfs_read
ffffffff81000100 t do_check
ffffffff81000200 t do_check
ffffffff81000300 t blk_start.part.0
ffffffff81000400 t blk_start.isra.0.cold
ffffffff81000500 T __do_sys_sync
ffffffff81000500 T __x64_sys_sync
ffffffff81000500 T __ia32_sys_sync
ffffffff81000600 T __x64_sys_write
ffffffff81000700 t proc_sys_write
ffffffff81000800 T __ia32_compat_sys_write
ffffffff81000810 t __pfx___x64_sys_write
ffffffff81000900 D vfs_write
ffffffffc0000000 t xfs_open\t[xfs]
"""
SYMBOLS = Symbols(TEXT)


def names(found: tuple[Symbol, ...]) -> list[str]:
    return [each.name for each in found]


def test_functions_have_exactly_the_name() -> None:
    assert SYMBOLS.named("vfs_read") == (Symbol("vfs_read"),)
    assert SYMBOLS.named("xfs_open") == (Symbol("xfs_open", "xfs", is_local=True),)
    assert len(SYMBOLS.named("do_check")) == 2
    assert SYMBOLS.named("vfs_write") == SYMBOLS.named("vfs") == ()  # a variable; a part of a name


def test_what_the_compiler_made_of_a_function() -> None:
    assert names(SYMBOLS.copies("blk_start")) == ["blk_start.part.0", "blk_start.isra.0.cold"]


def test_a_system_calls_functions() -> None:
    assert names(SYMBOLS.wrappers("write")) == ["__x64_sys_write", "__ia32_compat_sys_write"]
    assert names(SYMBOLS.wrappers("sync")) == ["__x64_sys_sync", "__ia32_sys_sync"]


def test_names_of_one_address() -> None:
    assert SYMBOLS.aliases("__x64_sys_sync") == ("__do_sys_sync", "__ia32_sys_sync")
    assert SYMBOLS.aliases("vfs_read") == SYMBOLS.aliases("nothing") == ()
    hidden = Symbols(b"0000000000000000 T a\n0000000000000000 T b\n")
    assert hidden.aliases("a") is None


def test_patterns_and_near_names() -> None:
    assert names(SYMBOLS.fitting("vfs_*")) == ["vfs_read"]
    assert names(SYMBOLS.fitting("*_open")) == ["xfs_open"]
    assert SYMBOLS.like("vfs_raed") == ("vfs_read",)
