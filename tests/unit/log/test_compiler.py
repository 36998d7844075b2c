"""What real compilers print of real programs that do not compile, and what BCC and crashes print."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from tests.compilers import CLANG, CLANGS
from tests.unit.log.texts import log, one, read


def said_by(clang: str, source: str, folder: Path, *flags: str) -> str:
    """What `clang -target bpf` says about a program, as users compile it."""
    (folder / "prog.bpf.c").write_text(source)
    command = [clang, "-O2", "-g", "-target", "bpf", *flags, "-c", "prog.bpf.c", "-o", "prog.o"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return run.stderr


def blocks(text: str) -> tuple[ErrorBlock, ...]:
    return one(text).blocks


@pytest.mark.parametrize("clang", CLANGS)
def test_the_stack_limit_is_one_block_at_an_access(clang: str, tmp_path: Path) -> None:
    source = (
        "int big(void)\n{\n\tvolatile char b[600];\n\n\tfor (int i = 0; i < 600; i++)\n\t\tb[i] = i;\n"
        "\treturn b[5] + b[100] + b[3];\n}\n"
    )
    (block,) = blocks(said_by(clang, source, tmp_path))
    assert block.lines[0].startswith("Looks like the BPF stack limit")
    assert block.repeats == 3
    assert (block.stage, block.severity, block.file, block.line) == (Stage.COMPILER, "error", "prog.bpf.c", 7)
    assert block.column is not None
    assert "return b[5] + b[100] + b[3];" in block.context[0]


@pytest.mark.parametrize("clang", CLANGS)
def test_calls_to_one_missing_built_in_are_one_block_with_their_places(clang: str, tmp_path: Path) -> None:
    calls = "\t__builtin_memset(p, 0, n);\n\t__builtin_memset(p + n, 1, n);\n"
    source = "int f(char *p, int n)\n{\n" + calls + "\treturn 0;\n}\n"
    found = blocks(said_by(clang, source, tmp_path))
    assert [(block.line, [line for _, line, _ in block.also]) for block in found] == [(3, [4])]
    assert {block.lines for block in found} == {("A call to built-in function 'memset' is not supported.",)}


@pytest.mark.parametrize("clang", CLANGS)
def test_a_backend_that_cannot_select_names_function_and_place(clang: str, tmp_path: Path) -> None:
    source = "int f(int *p)\n{\n\t__sync_synchronize();\n\treturn *p;\n}\n"
    (block,) = blocks(said_by(clang, source, tmp_path))
    assert block.lines[0].startswith(("Cannot select: 0x", "Runtime fence is not supported"))
    assert "prog.bpf.c" not in block.lines[0]
    assert (block.severity, block.function) == ("fatal", "f")
    assert (block.file, block.line) in (("prog.bpf.c", 3), (None, None))  # clang 22 says no place
    assert not any("PrintStackTrace" in line for line in block.context)


@pytest.mark.parametrize("clang", CLANGS)
def test_a_signed_division_in_old_and_new_words(clang: str, tmp_path: Path) -> None:
    (block,) = blocks(said_by(clang, "int f(int a, int b)\n{\n\treturn a / b;\n}\n", tmp_path))
    assert "sdiv" in block.lines[0] or "signed division" in block.lines[0]
    assert (block.file, block.line) == ("prog.bpf.c", 3)


@pytest.mark.parametrize("clang", CLANGS)
def test_an_error_in_a_header_keeps_who_included_it(clang: str, tmp_path: Path) -> None:
    (tmp_path / "inc.h").write_text("static inline int bad(void) { return nope; }\n")
    found = blocks(said_by(clang, '#include "inc.h"\nint f(void) { return missing; }\n', tmp_path))
    assert [(block.file, block.line) for block in found] == [("./inc.h", 1), ("prog.bpf.c", 2)]
    assert found[0].context[0] == "In file included from prog.bpf.c:1:"


@pytest.mark.parametrize("clang", CLANGS)
def test_a_missing_header_is_fatal(clang: str, tmp_path: Path) -> None:
    (block,) = blocks(said_by(clang, '#include "vmlinux_of_mars.h"\n', tmp_path))
    assert (block.severity, block.lines) == ("fatal", ("'vmlinux_of_mars.h' file not found",))


@pytest.mark.parametrize("clang", CLANGS)
def test_notes_about_macros_are_context(clang: str, tmp_path: Path) -> None:
    source = "#define DEREF(p) ((p)->nope)\nstruct s { int a; };\nint f(struct s *p) { return DEREF(p); }\n"
    (block,) = blocks(said_by(clang, source, tmp_path))
    assert block.line == 3
    assert any("expanded from macro 'DEREF'" in line for line in block.context)


@pytest.mark.parametrize("clang", CLANGS)
def test_colours_change_nothing(clang: str, tmp_path: Path) -> None:
    source = "int f(void) { return nope; }\n"
    plain = blocks(said_by(clang, source, tmp_path))
    coloured = blocks(said_by(clang, source, tmp_path, "-fcolor-diagnostics"))
    assert [(b.lines, b.file, b.line, b.column) for b in plain] == [
        (b.lines, b.file, b.line, b.column) for b in coloured
    ]


def test_a_program_that_compiles_leaves_no_block(tmp_path: Path) -> None:
    assert blocks(said_by(CLANG, "int f(void) { return 0; }\n", tmp_path)) == ()


UNDECLARED = (
    "prog.bpf.c:1:21: warning: implicit declaration of function 'helper' is invalid in C99"
    " [-Wimplicit-function-declaration]\nint f(void){ return helper(1); }\n                    ^\n"
    "1 warning generated.\n"
)


def test_a_warning_that_explains_stands_beside_what_it_explains() -> None:
    failed = "libbpf: failed to find BTF for extern 'helper': -2\nError: failed to open object file\n"
    error, warning = blocks(UNDECLARED + failed)
    assert (error.stage, error.severity) == (Stage.LOADER, "error")
    assert (warning.stage, warning.severity, warning.line) == (Stage.COMPILER, "warning", 1)


def test_a_warning_that_explains_nothing_is_dropped() -> None:
    text = "prog.bpf.c:1:5: warning: unused variable 'x' [-Wunused-variable]\n1 warning generated.\n"
    assert blocks(text) == ()
    assert len(blocks(text + log("packet"))) == 1


def test_each_compilation_is_a_transcript() -> None:
    text = (
        "a.bpf.c:1:2: error: first\n1 error generated.\nmake: *** [a.o] Error 1\nb.bpf.c:3:4: error: second\n"
    )
    assert [part.blocks[0].lines for part in read(text + "1 error generated.\n")] == [("first",), ("second",)]


def test_compiler_and_verifier_in_one_text_are_two_transcripts() -> None:
    first, second = read("a.bpf.c:1:2: error: first\n1 error generated.\n\n" + log("packet"))
    assert (first.blocks[0].stage, second.blocks[0].stage) == (Stage.COMPILER, Stage.VERIFIER)


def test_bccs_last_words_are_no_error_where_clang_said_why() -> None:
    text = (
        "/virtual/main.c:3:42: error: use of undeclared identifier 'nope'\nint f(void) { return nope; }\n"
        "                     ^\n1 error generated.\nTraceback (most recent call last):\n"
        '  File "count.py", line 47, in <module>\n    b = BPF(text=source)\n        ^^^^^^^^^^^^^^^^\n'
        "Exception: Failed to compile BPF module <text>\n"
    )
    (block,) = blocks(text)
    assert (block.file, block.line, block.column) == ("/virtual/main.c", 3, 42)
    assert blocks("Exception: Failed to compile BPF module <text>\n")[0].lines == (
        "Failed to compile BPF module <text>",
    )


def test_bcc_without_headers() -> None:
    text = (
        "modprobe: FATAL: Module kheaders not found in directory /lib/modules/6.1.0\n"
        "Unable to find kernel headers. Try rebuilding kernel with CONFIG_IKHEADERS=m (module)\n"
        "chdir(/lib/modules/6.1.0/build): No such file or directory\n"
        "Exception: Failed to compile BPF module <text>\n"
    )
    (block,) = blocks(text)
    assert block.lines[0].startswith("Unable to find kernel headers.")
    (alone,) = blocks(text.splitlines()[0])
    assert alone.lines[0].startswith("modprobe: FATAL")


def test_bccs_backend_has_no_place_but_a_function() -> None:
    message = "Looks like the BPF stack limit of 512 bytes is exceeded. Please move large on stack variables."
    text = f"error: /virtual/main.c:0:0: in function on_sleep i32 (i8*): {message}\n\n\n" * 3
    (block,) = blocks(text)
    assert (block.lines, block.repeats) == ((message,), 3)
    assert (block.function, block.file, block.line) == ("on_sleep", "/virtual/main.c", None)


def test_the_driver_that_only_says_that_something_failed_is_heard_last() -> None:
    tail = "clang: error: clang frontend command failed with exit code 70 (use -v to see invocation)\n"
    crash = (
        "PLEASE submit a bug report to https://example.org and include the crash backtrace.\nStack dump:\n"
    )
    frames = "0.\tProgram arguments: clang -target bpf\n #0 0x00007f3d962a5291 llvm::sys::PrintStackTrace()\n"
    fatal = "fatal error: error in backend: Unsupported dynamic stack allocation\n"
    assert [b.lines for b in blocks(fatal + crash + frames + tail)] == [
        ("Unsupported dynamic stack allocation",)
    ]
    assert blocks(crash + frames + tail)[0].lines[0].startswith("clang frontend command failed")


def test_llvm_that_fails_without_a_word() -> None:
    assert one("LLVM ERROR: \n").blocks[0].lines == ("LLVM ERROR:",)
