"""What the extractors find in Go, Rust, C++, Python and libbpf's C: one way of writing a message each."""

from pathlib import Path

from scripts.toolchain_messages import bcc, c_tools, go_tools, lexical, llvm, provoke, rust_tools
from scripts.toolchain_messages.found import Found


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return folder


def formats(found: list[Found]) -> list[str]:
    return [one.format for one in found]


def test_comments_and_strings_do_not_fool_the_scanner() -> None:
    text = lexical.without_comments('a("// no comment", /* fail("b") */ c); // fail("d")')
    assert text.startswith('a("// no comment", ')
    assert "fail" not in text


def test_arguments_are_split_at_their_own_commas() -> None:
    (call,) = lexical.calls('fail(f(a, b), "x, y)", {1, 2});', "fail")
    assert call.arguments == ("f(a, b)", '"x, y)"', "{1, 2}")


def test_a_text_in_pieces_has_holes() -> None:
    assert lexical.template('Twine("call to \'") + Name + "\' failed"') == "call to '%s' failed"
    assert lexical.template('"one "\n"two"') == "one two"
    assert lexical.template("Message") is None


def test_go_errors(tmp_path: Path) -> None:
    code = (
        'func f() error {\n\treturn fmt.Errorf("map %q: %w", name, err)\n}\n'
        'var ErrX = errors.New("no " + "such thing")\n'
        'var have = internal.NewFeatureTest("bounded loops", "5.3", nil)\n'
        'func g() error { return internal.ErrorWithLog("load program", err, log) }\n'
    )
    found = list(go_tools.cilium("1", written(tmp_path, "prog.go", code)))
    assert formats(found) == [
        "map %q: %w",
        "no such thing",
        "bounded loops not supported (requires >= %s)",
        "load program: %w: %s (%d line(s) omitted)",
    ]


def test_go_tests_and_windows_are_not_read(tmp_path: Path) -> None:
    written(tmp_path, "prog_test.go", 'errors.New("in a test")')
    written(tmp_path, "prog_windows.go", 'errors.New("elsewhere")')
    assert list(go_tools.cilium("1", tmp_path)) == []


def test_rust_errors(tmp_path: Path) -> None:
    code = (
        '#[error("the `{call}` syscall failed. Verifier output: {verifier_log}")]\nLoad { call: String },\n'
        'x.with_context(|| format!("failed to open `{}`", path))?;\n'
        'y.ok_or_else(|| Error::with_invalid_data("bad data"))?;\n'
        'Err(io::Error::new(ErrorKind::Other, "no space left"))\n'
        '#[cfg(test)]\nmod tests { fn t() { bail!("a test\'s {") } }\n'
        '#[error("after the tests")]\nLater,\n'
    )
    found = formats(list(rust_tools.rust("aya", "1", written(tmp_path, "src/bpf.rs", code))))
    assert sorted(found) == [
        "after the tests",
        "bad data",
        "failed to open `{}`",
        "no space left",
        "the `{call}` syscall failed. Verifier output: {verifier_log}",
    ]


def test_llvms_errors_say_how_clang_prints_them(tmp_path: Path) -> None:
    code = (
        'fail(DL, DAG, "variadic functions are not supported");\n'
        'report_fatal_error("unimplemented opcode: " + Twine(Op));\n'
        'DiagnosticInfoUnsupported DiagStackSize(F, "Looks like the limit "\n"is exceeded", DL);\n'
        'Ctx.diagnose(DiagnosticInfoUnsupported{F, Twine("call to \'") + S + "\' is bad"});\n'
        'if (x) Msg = "unsupported atomic operation";\n'
    )
    found = list(llvm.source("1", written(tmp_path, "llvm/lib/Target/BPF/X.cpp", code)))
    assert sorted(formats(found)) == [
        "error: Looks like the limit is exceeded",
        "error: call to '%s' is bad",
        "error: unsupported atomic operation",
        "error: variadic functions are not supported",
        "fatal error: error in backend: unimplemented opcode: %s",
    ]


def test_clangs_diagnostics_for_bpf(tmp_path: Path) -> None:
    text = 'def err_preserve_type_info_invalid : Error<\n  "argument %0 invalid">;\n'
    written(tmp_path, "clang/include/clang/Basic/DiagnosticSemaKinds.td", text)
    assert formats(list(llvm.source("1", tmp_path))) == ["error: argument %0 invalid"]


def test_python_exceptions(tmp_path: Path) -> None:
    code = (
        'raise Exception("Failed to load %s: %s" % (name, error))\n'
        'raise ValueError("not a " + kind)\n'
        'raise Exception("type {} at {}".format(a, b))\n'
        'print(f"lost {n} samples", file=sys.stderr)\n'
        'print("no error")\n'
    )
    written(tmp_path, "usr/lib/python3/dist-packages/bcc/__init__.py", code)
    assert formats(list(bcc.python("1", tmp_path))) == [
        "Failed to load %s: %s",
        "not a %s",
        "type %s at %s",
        "lost %s samples",
    ]


def test_libbpf_prints_with_its_prefix_and_rewrites_the_log(tmp_path: Path) -> None:
    written(
        tmp_path,
        "libbpf_internal.h",
        '#define __pr(level, fmt, ...) do { libbpf_print(level, "libbpf: " fmt, ##__VA_ARGS__); } while (0)\n'
        "#define pr_warn(fmt, ...) __pr(LIBBPF_WARN, fmt, ##__VA_ARGS__)\n"
        "#define pr_debug(fmt, ...) __pr(LIBBPF_DEBUG, fmt, ##__VA_ARGS__)\n",
    )
    written(
        tmp_path,
        "libbpf.c",
        'static int load(void) { pr_warn("prog %s: failed: %d\\n", n, e); pr_debug("chat\\n"); }\n'
        'static void fixup_log_x(void) { snprintf(patch, 80, "%d: <invalid kfunc call>\\n", i); }\n'
        'static void other(void) { snprintf(b, sizeof(b), "%d no message", i); }\n',
    )
    assert sorted(formats(list(c_tools.libbpf("1", tmp_path)))) == [
        "%d: <invalid kfunc call>\n",
        "libbpf: prog %s: failed: %d\n",
    ]


def test_bpftool_and_iproute2_write_to_stderr(tmp_path: Path) -> None:
    tool = written(
        tmp_path / "bpftool",
        "prog.c",
        'int f(void) { p_err("cannot open %s", x); fprintf(stdout, "Error: no\\n"); }'
        ' void g(void) { fprintf(stderr, "row\\n"); }',
    )
    assert formats(list(c_tools.bpftool("1", tool))) == ["Error: cannot open %s"]
    tc = written(
        tmp_path / "iproute2",
        "lib/bpf_legacy.c",
        'int f(void) { fprintf(stderr, "BTF error: %s\\n", x); perror("Cannot open"); }'
        ' void usage(void) { fprintf(stderr, "Usage: tc\\n"); }',
    )
    assert sorted(formats(list(c_tools.iproute2("1", tc)))) == ["BTF error: %s\n", "Cannot open: %s"]


def test_what_differs_from_program_to_program_becomes_a_conversion() -> None:
    text = (
        "fatal error: error in backend: Cannot select: 0x55d0c0ffee00: i64 = sdiv 0x55d0c0ffee08, input.c:1:3"
    )
    assert provoke.format_of(text) == "fatal error: error in backend: Cannot select: %p: i64 = sdiv %p"
    assert (
        provoke.format_of("error: use of undeclared identifier 'BPF_ANY'")
        == "error: use of undeclared identifier '%s'"
    )
    assert (
        provoke.format_of("fatal error: 'vmlinux.h' file not found")
        == "fatal error: 'vmlinux.h' file not found"
    )
