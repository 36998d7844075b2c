"""Reading what somebody pasted: what is no log is said in a sentence, what decorates one is taken off."""

from __future__ import annotations

import html
import io
import json
import mmap
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bpfdoctor.log.repair import paste, prefixes
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour, Stage

LOG = """\
libbpf: prog 'drop': BPF program load failed: Permission denied
libbpf: prog 'drop': -- BEGIN PROG LOAD LOG --
0: R1=ctx() R10=fp0
; if (bpf_ntohs(eth->h_proto) < 0x600 && len > 64) @ pkt.bpf.c:24
0: (61) r1 = *(u32 *)(r1 +0)          ; R1=pkt(r=0)
 R0=map_value(id=0,off=0,ks=4,vs=16,imm=0) R10=fp0
17: (2d) if r2 > r1 goto pc+4
R1 invalid mem access 'scalar'
processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
-- END PROG LOAD LOG --
libbpf: prog 'drop': failed to load: -13
"""


def clean(text: str | bytes) -> bytes:
    return bytes(paste.clean(text.encode() if isinstance(text, str) else text)[:])


def words(text: bytes) -> list[str]:
    """The lines that say something, without the spaces around them."""
    return [line.strip() for line in text.decode().splitlines() if line.strip()]


# ---- reading


def test_a_file_is_mapped_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_text(LOG)
    raw = paste.read(file)
    assert isinstance(raw.data, mmap.mmap)
    assert (raw.data[:], raw.source, raw.flavour, raw.stage) == (
        LOG.encode(),
        str(file),
        Flavour.LOG,
        Stage.PASTE,
    )


def test_a_file_that_hides_its_size_is_read() -> None:
    assert b"Linux" in bytes(paste.read(Path("/proc/version")).data)


@pytest.mark.parametrize("path", [None, Path("-")])
def test_standard_input_is_read_to_its_end(path: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, LOG.encode())
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        raw = paste.read(path)
    assert (bytes(raw.data[:]), raw.source) == (LOG.encode(), "-")


def test_standard_input_without_a_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOG.encode())))
    assert bytes(paste.read(None).data[:]) == LOG.encode()


def test_standard_input_from_a_file_is_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.log").write_text(LOG)
    with (tmp_path / "x.log").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert isinstance(paste.read(None).data, mmap.mmap)


def test_a_long_pipe_is_kept_outside_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    monkeypatch.setattr(paste, "IN_MEMORY", 1 << 16)
    if os.fork() == 0:
        try:
            with fifo.open("wb") as out:
                out.write(LOG.encode() * 2000)
        finally:
            os._exit(0)
    raw = paste.read(fifo)
    os.wait()
    assert isinstance(raw.data, mmap.mmap)
    assert raw.data[:] == LOG.encode() * 2000


def test_a_pipe_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paste, "IN_MEMORY", 1 << 16)
    monkeypatch.setattr(paste, "LARGEST", 1 << 18)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"y\n" * (1 << 18))))
    with pytest.raises(Problem, match="and I stopped reading"):
        paste.read(None)


@pytest.mark.parametrize(
    ("content", "sentence", "way_out"),
    [
        (b"", "empty", "2>&1 | bpfdoctor log"),
        (b" \n\t\n", "empty", "2>&1 | bpfdoctor log"),
        (b"\x7fELF\x02\x01\x01\0\0", "an ELF object", "bpfdoctor check "),
        (b"\x1f\x8b\x08\0", "compressed with gzip", "zcat "),
        (b"\xfd7zXZ\0\0", "compressed with xz", "xzcat "),
        (b"\x28\xb5\x2f\xfd\0", "compressed with zstd", "zstdcat "),
        (b"\x89PNG\r\n\x1a\n", "a picture", "paste the log's text"),
        (bytes(range(1, 32)) * 40, "not text", "2>&1 | bpfdoctor log"),
    ],
)
def test_what_is_no_log_is_said_in_a_sentence_with_a_way_out(
    content: bytes, sentence: str, way_out: str, tmp_path: Path
) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    with pytest.raises(Problem) as caught:
        paste.read(file)
    assert sentence in caught.value.sentence
    assert any(way_out in way for way in caught.value.ways_out)
    assert "\n" not in caught.value.sentence


def test_a_directory_a_missing_file_and_a_device(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is a directory"):
        paste.read(tmp_path)
    with pytest.raises(Problem, match=r"There is no file called .*nope\.log"):
        paste.read(tmp_path / "nope.log")
    with pytest.raises(Problem, match="is a character device"):
        paste.read(Path("/dev/zero"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_text(LOG)
    file.chmod(0)
    with pytest.raises(Problem, match="Permission denied") as caught:
        paste.read(file)
    assert "sudo cat" in caught.value.ways_out[0]


def test_an_index_in_brackets_is_no_escape() -> None:
    line = b'; asm volatile("%[mark] <<= 64" : [mark]"+r"(mark), [m]"r"(a[m + 1]));\n'
    assert paste.clean(line) == line
    assert paste.clean(b"[0;31m1: (95) exit[m\n") == b"1: (95) exit\n"


def test_a_log_with_escapes_or_a_dumped_buffer_is_text(tmp_path: Path) -> None:
    for content in ("".join(f"\x1b[0;31m{c}\x1b[0m" for c in LOG).encode(), LOG.encode() + bytes(4000)):
        (tmp_path / "x.log").write_bytes(content)
        assert paste.read(tmp_path / "x.log").data[:] == content


# ---- cleaning


def test_nothing_is_copied_where_nothing_decorates(tmp_path: Path) -> None:
    data = LOG.encode()
    assert paste.clean(data) is data
    (tmp_path / "x.log").write_text(LOG * 5000)
    mapped = paste.read(tmp_path / "x.log").data
    assert paste.clean(mapped) is mapped


@pytest.mark.parametrize(("name", "pattern", "example"), prefixes.PREFIXES)
def test_a_prefix_is_what_it_says(name: str, pattern: bytes, example: bytes) -> None:
    line = b"0: (b7) r0 = 0"
    begin = b"2024-05-01T12:00:00Z " if "gh run" in name else b""
    if "anyhow" in name:
        line = b"x.bpf.c:1:2: error: expected expression"
    assert clean(example + begin + line) == line


def each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(change(line) for line in text.split("\n"))


def go_quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# What real tools do to a log, and that must be undone to the last space.
EXACT: dict[str, Callable[[str], str | bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "byte order mark": lambda text: "\ufeff" + text,
    "dmesg": each("[ 1234.567890] {}".format),
    "dmesg in journald": each("Mai  1 12:00:00 host kernel: [   12.345678] {}".format),
    "journald": each("May 01 12:00:00 host agent[812]: {}".format),
    "journald in German": each("Mär 26 23:57:12 H systemd[1]: {}".format),
    "journald, short-iso": each("2024-05-01T12:00:00+0200 host agent[812]: {}".format),
    "GitHub Actions": each("2024-05-01T12:00:00.1234567Z {}".format),
    "GitHub Actions, an error": each("2024-05-01T12:00:00.1234567Z ##[error]{}".format),
    "gh run view": each("build\tRun make test\t2024-05-01T12:00:00.1234567Z {}".format),
    "GitLab": each("2024-05-01T12:00:00.123456Z 01O {}".format),
    "a container runtime": each("2024-05-01T12:00:00.123456789Z stderr F {}".format),
    "docker compose": each("agent-1  | {}".format),
    "kubectl": each("[pod/agent-x7k2p/agent] {}".format),
    "colours": each("\x1b[0;31m{}\x1b[0m\x1b[K".format),
    "colours written out": each("\\x1b[0;31m{}\\x1b[0m".format),
    "colours without their escape": each("[0;31m{}[0m".format),
    "a title for the terminal": lambda text: "\x1b]0;make\x07" + text,
    "a link for the terminal": each("\x1b]8;;http://x/\x1b\\{}\x1b]8;;\x1b\\".format),
    "a quoted mail": each("> {}".format),
    "a mail quoted twice": each("> > {}".format),
    "four spaces": each("    {}".format),
    "a tab": each("\t{}".format),
    "HTML": html.escape,
    "HTML, escaped twice": lambda text: html.escape(html.escape(text)),
    "a record per line": each(
        lambda line: json.dumps({"log": line + "\n", "stream": "stderr", "time": "2024-05-01T12:00:00Z"})
    ),
    "logrus": each(lambda line: f"level=warning msg={go_quoted(line)} subsys=datapath-loader"),
    "cat -n": each("    12\t{}".format),
    "a NUL behind it": lambda text: text + "\0" * 100,
    "typographic quotes": lambda text: text.replace("'scalar'", "\u2018scalar\u2019").replace("'", "\u2019"),
    "rsyslog": lambda text: text.replace("\n", "#012"),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_decoration_is_undone(name: str) -> None:
    undone = clean(EXACT[name](LOG)).decode().rstrip("\n")
    # The one space before 5.10's states may go with the indentation.
    assert undone.replace("\n R0", "\nR0") == LOG.rstrip("\n").replace("\n R0", "\nR0")


# What puts words of its own around a log, whose lines must come out whole.
AROUND: dict[str, Callable[[str], str | bytes]] = {
    "a code fence": lambda text: f"Hello, this fails:\n\n```console\n{text}```\nWhat is wrong?\n",
    "a fence in a list": lambda text: "- this fails:\n  ```\n" + each("  {}".format)(text) + "\n  ```\n",
    "a forum": lambda text: f"[code]\n{text}[/code]\n",
    "bold lines": each(lambda line: f"**{line}**" if line.startswith("R1") else line),
    "HTML tags": lambda text: f'<pre class="log"><code>{html.escape(text)}</code></pre>',
    "a line per tag": each(lambda line: f"<div><span>{html.escape(line)}</span></div>"),
    "Go's %q": lambda text: "2024/05/01 12:00:00 main.go:27: load failed: " + go_quoted(text),
    "JSON": lambda text: json.dumps({"level": "error", "error": text}),
    "Python's repr": lambda text: repr(text.encode()),
    "a chain of errors": lambda text: (
        "Caused by:\n    0: loading failed\n       " + text.replace("\n", "\n       ")
    ),
    "bytes that are no UTF-8": lambda text: b"\xff\xfe\x80\n" + text.encode(),
}


@pytest.mark.parametrize("name", AROUND)
def test_a_logs_lines_come_out_of_what_surrounds_them(name: str) -> None:
    found = words(clean(AROUND[name](LOG)))
    assert [line for line in words(LOG.encode()) if line not in found] == []


@pytest.mark.parametrize(
    "line",
    [
        '; bpf_printk("hi\\n");',
        "; if (a < b && c > d)",
        "; x = p ? *p : 0; /* <b> */",
        "5: <invalid kfunc call>",
        "  >>> 29 |         return 0;",
        "  2: (bf) r2 = r10\tr2: _ -> fp0+0",
        "      0: .1........ (b7) r0 = 0",
        " R0=map_value(id=0,off=0,ks=8,vs=48,imm=0) R10=fp0",
        "#include <linux/p.h>",
        "                 ; R3=0xa912",
        "[30] UNION x size=1 vlen=2 Invalid name",
    ],
)
def test_what_a_log_may_hold_is_left_alone(line: str) -> None:
    data = f"{LOG}{line}\n".encode()
    assert paste.clean(data) is data


def test_a_large_decorated_log_is_cleaned_in_parts_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paste, "IN_MEMORY", 1 << 16)
    monkeypatch.setattr(paste, "CHUNK", 1 << 12)
    text = LOG * 1000
    cleaned = paste.clean(each("[   12.345678] {}".format)(text).encode())
    assert isinstance(cleaned, mmap.mmap)
    assert cleaned[:].decode() == text


# ---- hostile text

HOSTILE = {
    "an escape without an end": "\x1b]0;",
    "half escapes": "\x1b[",
    "escapes in escapes": "\x1bP\x1b]\x1b_\x1bX",
    "half tags": "<a href=",
    "half entities": "&#",
    "quotes": '\\"\\n"',
    "fences": "```",
    "stars": "**",
    "time stamps": "2024-05-01T12:00:00Z ",
    "carriage returns": "\r",
    "overstrikes": "a\b",
    "deep quoting": "> ",
    "tabs": "\t",
    "spaces": " ",
    "braces": '{"msg":"',
    "assignments": 'level=x msg="',
    "octal": "#012",
    "one line of a log": "0: (b7) r0 = 0 ",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_linear_time(name: str) -> None:
    """Twice the text may take twice as long, and a bit for a busy machine; a quadratic cost would"
    " take hours."""
    for start in ("", "x\n", "\\n0: (b7) r0 = 0 "):
        data = (start + HOSTILE[name] * (400_000 // len(HOSTILE[name]))).encode()
        began = time.process_time()
        paste.clean(data)
        assert time.process_time() - began < 5


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert isinstance(bytes(paste.clean(data)[:]), bytes)


_PIECES = st.sampled_from(
    [*HOSTILE.values(), *LOG.splitlines(keepends=True), "\n", "\x1b[0m", "\\n", '"', "'", "é"]
)


@settings(deadline=None)
@given(st.lists(_PIECES, max_size=40))
@example(["é", "\x1b[", "a\x08"])  # a backspace takes away a whole character
def test_no_mixture_is_too_odd(pieces: list[str]) -> None:
    cleaned = clean("".join(pieces))
    assert b"\x1b" not in cleaned
    cleaned.decode()


@settings(deadline=None)
@given(st.lists(st.sampled_from(LOG.splitlines(keepends=True)), max_size=30))
def test_plain_logs_are_never_copied(lines: list[str]) -> None:
    data = "".join(lines).encode()
    assert paste.clean(data) is data
