"""/* bpfdoctor: ignore[…] */ and expect[…] through the command: status, formats, and what is wrong."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.command import Done, bpfdoctor
from tests.cli.test_check import needs_root
from tests.compilers import CLANG

NOT_DECLARED = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int first(struct xdp_md *ctx)
{
	return missing; /* bpfdoctor: VERB[compiler-error] comes from the build */
}
"""
PROGRAMS = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* bpfdoctor: expect[packet-bounds] a test of the verifier */
SEC("xdp")
int refused(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data;

	return *data ? XDP_DROP : XDP_PASS;
}

// bpfdoctor: expect[memory]
SEC("xdp")
int loads(struct xdp_md *ctx)
{
	return XDP_PASS; /* bpfdoctor: ignore[packet-bounds] */
}

SEC("xdp")
int other(struct xdp_md *ctx)
{
	/* bpfdoctor: ignore[paket-bounds] */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "prog.bpf.c"


def flat(done: Done) -> str:
    """What was printed, on one line: where it is broken depends on how long the folder's name is."""
    return " ".join(done.out.split())


def compiled(source: Path, verb: str, *options: str) -> Done:
    source.write_text(NOT_DECLARED.replace("VERB", verb))
    return bpfdoctor("check", "--no-load", *options, source)


def test_a_finding_is_ignored_or_expected_and_the_last_line_says_so(source: Path) -> None:
    ignored = compiled(source, "ignore")
    assert (ignored.status, ignored.err) == (0, "")
    assert "does not compile; a comment ignores why (compiler-error: comes from the build)" in flat(ignored)
    assert flat(ignored).endswith("1 program not compiled; 1 finding ignored (compiler-error)")
    expected = compiled(source, "expect")
    assert expected.status == 0 and "does not compile, as expected (compiler-error)" in flat(expected)
    assert flat(expected).endswith("; 1 finding expected (compiler-error)")


def test_the_formats_for_machines_say_how_much_comments_hide(source: Path, tmp_path: Path) -> None:
    names = ("json", "jsonl", "sarif", "junit")
    also = [word for name in names for word in ("--also", f"{name}={tmp_path / name}")]
    done = compiled(source, "ignore", "--output-format", "concise", *also)
    assert (done.status, done.out) == (0, "")
    assert done.err == "note: By comments in the source: 1 finding ignored (compiler-error).\n"
    told = {name: (tmp_path / name).read_text() for name in names}
    assert json.loads(told["json"])["hidden"]["ignored"] == 1
    assert json.loads(told["jsonl"].splitlines()[-1])["hidden"]["ignored"] == 1
    assert suppressed(told["sarif"]) == [("inSource", "comes from the build")]
    assert ElementTree.fromstring(told["junit"]).get("skipped") == "1"


def suppressed(text: str) -> list[tuple[str, str]]:
    (run,) = json.loads(text)["runs"]
    return [
        (each["kind"], each["justification"]) for result in run["results"] for each in result["suppressions"]
    ]


@pytest.mark.parametrize(
    "by", [("--ignore", "compiler-error"), ("--ignore", "Compiler"), ("--ignore", "toolchain")]
)
def test_what_options_hide_is_counted_too(by: tuple[str, str], source: Path) -> None:
    done = compiled(source, "see", "--output-format", "json", *by)
    assert json.loads(done.out)["hidden"] == {"by_options": 1, "by_baseline": 0, "ignored": 0, "expected": 0}


def test_what_a_baseline_hides_is_counted_too(source: Path, tmp_path: Path) -> None:
    known = str(tmp_path / "known.json")
    compiled(source, "see", "--write-baseline", known)
    done = compiled(source, "see", "--output-format", "json", "--baseline", known)
    assert json.loads(done.out)["hidden"]["by_baseline"] == 2


@needs_root
def test_what_is_expected_and_what_is_wrong_with_comments(source: Path) -> None:
    source.write_text(PROGRAMS)
    done = bpfdoctor("check", "--no-experiments", "--output-format", "json", source)
    document = json.loads(done.out)
    found = {
        each["program"]["name"]: [
            (finding["rule"], finding["location"]["line"]) for finding in each["findings"]
        ]
        for each in document["reports"]
    }
    assert found == {
        "refused": [],
        "loads": [("expected-finding-missing", 13), ("ignore-hides-nothing", 17)],
        "other": [("comment-not-understood", 23)],
    }
    unknown = next(each for each in document["reports"] if each["program"]["name"] == "other")["findings"][0]
    assert unknown["headline"].startswith(
        "there is no rule and no topic 'paket-bounds'; did you mean packet-bounds"
    )
    assert document["hidden"]["expected"] == 1 and done.status == 1
    only = bpfdoctor("check", "--no-experiments", "--prog", "refused", "--output-format", "concise", source)
    assert "paket-bounds" in only.out and "expected-finding-missing" not in only.out


@needs_root
def test_of_an_object_the_source_is_asked_where_it_is_still_the_same(source: Path) -> None:
    source.write_text(PROGRAMS.partition("// bpfdoctor")[0] + 'char LICENSE[] SEC("license") = "GPL";\n')
    object = source.with_suffix(".o")
    command = [CLANG, "-g", "-O2", "-target", "bpf", "-I/usr/include/x86_64-linux-gnu", "-c", str(source)]
    subprocess.run([*command, "-o", str(object)], check=True)
    same = bpfdoctor("check", "--no-experiments", "--output-format", "concise", object)
    assert (same.status, same.out) == (0, "")
    source.write_text("\n" + source.read_text())
    changed = bpfdoctor("check", "--no-experiments", "--output-format", "concise", object)
    assert changed.status == 1 and "packet-bounds" in changed.out


@needs_root
def test_what_is_expected_is_not_mended(source: Path) -> None:
    body = "\tchar *data = (void *)(long)ctx->data;\n\n\treturn *data;\n"
    second = f'SEC("xdp")\nint second(struct xdp_md *ctx)\n{{\n{body}}}\n'
    source.write_text(PROGRAMS.partition("// bpfdoctor")[0] + 'char LICENSE[] SEC("license") = "GPL";\n')
    before = source.read_text()
    nothing = bpfdoctor("check", "--diff", "--no-experiments", source)
    assert (nothing.status, nothing.out, nothing.err) == (0, "", "")
    source.write_text(before + second)
    done = bpfdoctor("check", "--fix", "--unsafe-fixes", "--no-experiments", source)
    assert done.status == 0 and "was refused, as expected (packet-bounds)" in flat(done)
    assert source.read_text().startswith(before) and source.read_text() != before + second
