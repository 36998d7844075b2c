"""Every way to end without an answer, with real processes: exit status 2, and it says why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.command import BPFDOCTOR, ROOT, Done, bpfdoctor, environment
from tests.cli.killing import with_a_child_killed

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

# The verifier walks some 800,000 instructions of `slow`: time in which it can be killed.
SLOW = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int slow(struct xdp_md *ctx)
{
	volatile int sum = 0;

	for (int i = 0; i < 200000; i++)
		sum += i;
	return sum + *(char *)(long)ctx->data;
}

SEC("xdp")
int fine(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""
BCC = """\
int kprobe__do_nanosleep(struct pt_regs *ctx)
{
	return 0;
}
"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    path = tmp_path / "slow.bpf.c"
    path.write_text(SLOW)
    return path


def verdicts(done: Done) -> dict[str | None, tuple[str, str | None]]:
    """Name of the program -> (verdict, why there is no answer)."""
    return {
        (report["program"] or {}).get("name"): (report["verdict"], report["no_answer"])
        for report in json.loads(done.out)["reports"]
    }


@needs_root
def test_a_loader_that_is_killed(slow: Path) -> None:
    done = with_a_child_killed("_libbpf_child", signal.SIGKILL, "check", slow, "--output-format", "json")
    found = verdicts(done)
    assert done.status == 2
    # The second program had its turn in a child of its own, which was killed, too, or had ended before.
    assert found["slow"] == ("no-answer", "the process that loaded it was ended by SIGKILL")
    assert set(found) == {"slow", "fine"}


@needs_root
@pytest.mark.parametrize("form", ["full", "junit", "github"])
def test_a_loader_that_is_killed_in_other_formats(slow: Path, form: str) -> None:
    done = with_a_child_killed("_libbpf_child", signal.SIGKILL, "check", slow, "--output-format", form)
    assert done.status == 2 and "no answer about slow (xdp): " in done.out
    assert "compiles; no kernel" not in done.out
    if form == "junit":
        assert int(ElementTree.fromstring(done.out).get("errors", "0")) >= 1


@needs_root
def test_bccs_loader_that_is_killed(tmp_path: Path) -> None:
    tool = tmp_path / "tool.c"
    tool.write_text(BCC)
    done = with_a_child_killed(
        "_bcc_child", signal.SIGKILL, "check", tool, "--output-format", "json", wait=0.05
    )
    [(verdict, why)] = verdicts(done).values()
    assert done.status == 2 and verdict == "no-answer" and why and "SIGKILL" in why


def test_clang_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "many.bpf.c"
    ten = "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(A(A(x)))))\n"
    program.write_text(ten + 'B(int a;)\n__attribute__((section("xdp"))) int f(void *ctx) { return 0; }\n')
    done = with_a_child_killed("many.bpf.c", signal.SIGKILL, "check", "--no-load", program)
    assert done.status == 2 and "clang was stopped: it was ended by SIGKILL" in done.out


RUN = """
import sys
from functools import partial
from bpfdoctor.capture import child
from bpfdoctor.cli import answer, checking
from bpfdoctor.model.report import CaptureOptions
{prepare}
checked = partial(checking._here, lambda _: CaptureOptions({options}))
sys.exit(answer.answer(sys.argv[2:], checked, answer.OutputOptions(format=sys.argv[1])))
"""


def with_options(options: str, files: Sequence[Path], form: str = "json", prepare: str = "") -> Done:
    """`check` with limits that its command line has no options for."""
    code = RUN.format(options=options, prepare=prepare)
    done = subprocess.run(
        [sys.executable, "-c", code, form, *map(str, files)],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=ROOT,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@needs_root
def test_a_verifier_that_hangs_past_its_limit(slow: Path) -> None:
    done = with_options("load_seconds=0", [slow])
    assert done.status == 2
    assert verdicts(done)["slow"] == ("no-answer", "the kernel had not decided after 0 s")


def test_clang_that_hangs_past_its_limit(slow: Path) -> None:
    done = with_options("load=False, compile_seconds=0", [slow])
    assert done.status == 2
    assert verdicts(done)[None] == ("no-answer", "clang was stopped: it had not finished after 0 s")


# What a child does in the place of its work.
CHILDREN = {
    "garbage": r"import os; os.write(1, b'\xff\x00(((' * 50 + b'\n')",
    "no message": r"import os; os.write(1, b'7\n')",
    "an unknown event": r"import os; os.write(1, b'{\"event\": \"tea\"}\n')",
    "half a message": r"import os; os.write(1, b'{\"event\": \"prog')",
    "another program": r"import os; os.write(1, b'{\"event\": \"program\", \"index\": 7}\n')",
    "silence": "pass",
    "an exception": "raise MemoryError",
}


@needs_root
@pytest.mark.parametrize("doing", CHILDREN)
def test_a_loader_that_answers_with(doing: str, slow: Path) -> None:
    done = with_options("", [slow], prepare=f"child._START = {CHILDREN[doing]!r}.replace('{{', '{{{{')")
    assert done.status == 2 and "Traceback" not in done.err, done.err
    document = json.loads(done.out)
    told = [report["verdict"] for report in document["reports"]]
    assert set(told) == {"no-answer"} or (not told and document["problems"]), done.out


@needs_root
@pytest.mark.parametrize("blocks", [0, 1, 8, 64, 512])
def test_a_limit_on_the_size_of_files(slow: Path, blocks: int) -> None:
    """Wherever it strikes (our own files, clang's, the loader's), no verdict is no success."""
    command = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *BPFDOCTOR, "check", str(slow)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment({"TMPDIR": "/tmp"}), cwd=ROOT, check=False
    )
    assert done.returncode in (1, 2), done.stdout
    if done.returncode == 1:
        assert "error[BD" in done.stdout and "slow" in done.stdout
    else:
        assert "error" in done.stdout + done.stderr
    assert "ok " not in done.stdout.replace("ok " + str(slow) + ": fine (xdp) loads", "")
    assert "Traceback" not in done.stderr and "bug in bpfdoctor" not in done.stderr


CUT = "0: R1=ctx() R10=fp0\n0: (b7) r0 = 0                        ; R0=0\n1: (61) r1 = *(u32 *)(r1 +4)\n"


@pytest.mark.parametrize(
    "form",
    ["full", "concise", "json", "junit", "sarif", "rdjson", "gitlab", "github", "html", "jsonl", "markdown"],
)
def test_a_log_that_stops_before_its_verdict(form: str) -> None:
    done = bpfdoctor("log", "--output-format", form, stdin=CUT)
    assert done.status == 2 and "the log stops before the verifier" in done.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "empty"),
        (b" \n\t\n \n", "empty"),
        (b"\0" * 5000, "empty"),
        (b"\x7fELF" + bytes(range(256)) * 20, "ELF"),
        (os.urandom(20_000).replace(b"\n", b""), "not text"),
        (b"\x1f\x8b\x08rest", "gzip"),
    ],
)
def test_what_is_no_text_is_no_success(text: bytes, why: str) -> None:
    done = bpfdoctor("log", stdin=text)
    assert done.status == 2 and why in done.err and done.out == ""


def test_a_name_that_is_no_program_is_no_success(slow: Path) -> None:
    done = bpfdoctor("check", "--no-load", slow, "--prog", "fine", "--prog", "nosuch")
    assert done.status == 2 and "no program called 'nosuch'" in done.err


def test_a_file_without_a_program_is_no_success(tmp_path: Path) -> None:
    empty = tmp_path / "empty.bpf.c"
    empty.write_text('#define SEC(x) __attribute__((section(x)))\nchar LICENSE[] SEC("license") = "GPL";\n')
    done = bpfdoctor("check", "--no-load", empty)
    assert done.status == 2 and "no BPF program" in done.err


@pytest.mark.parametrize(
    "form", ["github", "gitlab", "rdjson", "junit", "sarif", "json", "jsonl", "html", "markdown"]
)
def test_a_file_that_cannot_be_examined_fails_in_every_machines_format(form: str, tmp_path: Path) -> None:
    done = bpfdoctor("check", tmp_path / "nothing.bpf.c", "--output-format", form)
    assert done.status == 2 and "nothing.bpf.c" in done.out and "There is no file" in done.out


def test_an_old_answer_does_not_stay_where_a_new_one_failed(tmp_path: Path) -> None:
    answer = tmp_path / "answer.txt"
    answer.write_text("ok everything: loads\n")
    done = bpfdoctor("check", tmp_path / "nothing.bpf.c", "-o", answer)
    assert done.status == 2 and answer.read_text() == ""
