"""`check` of many files: on several cores as on one, ended well, and told how far it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer

from bpfdoctor.cli import sharding
from tests.cli.command import BPFDOCTOR, ROOT, bpfdoctor, environment
from tests.cli.test_signals import HEADER, PROGRAM, SLOW, alive, descendants, until

WRONG = HEADER + "int f(void) { return undeclared; }\n"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four that compile, two with the same mistake in a header, one that is no program."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "wrong.h").write_text("int g(void) { return undeclared; }\n")
    for name in "acfg":
        (folder / f"{name}.bpf.c").write_text(PROGRAM)
    for name in "be":
        (folder / f"{name}.bpf.c").write_text(HEADER + '#include "wrong.h"\n' + PROGRAM)
    (folder / "d.bpf.c").write_text("")
    return folder


def checked(folder: Path, *arguments: str) -> tuple[int, str, str]:
    names = sorted(path.name for path in folder.glob("*.c"))
    done = bpfdoctor("check", "--no-load", *arguments, *names, cwd=folder)
    return done.status, done.out, done.err


@pytest.mark.parametrize("form", ["full", "json"])
def test_several_jobs_say_what_one_says(sources: Path, form: str) -> None:
    one, three = (checked(sources, "--no-cache", "-j", jobs, "--output-format", form) for jobs in "13")
    assert one == three
    assert one[0] == 2 and "d.bpf.c" in one[2]


def test_it_is_summed_up_and_shows_no_progress_in_a_pipe(sources: Path) -> None:
    _, out, err = checked(sources, "--no-cache")
    assert "note: 7 files, 6 programs: 2 not compiled, 4 compile\n" in err
    assert "/7 " not in err and "\r" not in err
    assert out.count("undeclared is not declared here") == 1
    assert "error e.bpf.c: the compiler refuses this line, as in b.bpf.c\n" in out


def test_a_person_sees_how_far_it_is(sources: Path) -> None:
    import pty

    terminal, theirs = pty.openpty()
    names = sorted(path.name for path in sources.glob("*.c"))
    with subprocess.Popen(
        [*BPFDOCTOR, "check", "--no-load", "--no-cache", "--output-format", "concise", *names],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        cwd=sources,
        env=environment({"PYTHONPATH": str(ROOT)}),
    ):
        os.close(theirs)
        said = b""
        try:
            while part := os.read(terminal, 1 << 16):
                said += part
        except OSError:
            pass  # how a terminal says that nobody writes any more
    os.close(terminal)
    assert b"6/7 " in said and said.rindex(b"\r\x1b[K") > said.rindex(b"6/7 ")


def test_who_ends_it_gets_what_is_done(tmp_path: Path) -> None:
    for at in range(6):
        (tmp_path / f"{at}.bpf.c").write_text(PROGRAM + SLOW if at == 4 else PROGRAM)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [*BPFDOCTOR, "check", "-j", "2", "--no-load", *(f"{at}.bpf.c" for at in range(6))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}),
        start_new_session=True,
    ) as process:
        assert process.stdout and process.stderr
        for at in range(4):  # streamed
            assert process.stdout.readline().startswith(f"note {at}.bpf.c: ")
        copies = descendants(process.pid)
        assert until(lambda: len(copies.union(descendants(process.pid))) >= 2, 10)
        copies |= descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        rest, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "error: Ended before" in err and "of 6 files were looked at." in err
    assert "programs compile" in rest
    assert until(lambda: not any(alive(copy) for copy in copies), 5) and os.listdir(scratch) == []


def until_quiet(run: Callable[[Path], None], place: Path) -> None:
    """Settings and mounts of the machine are part of the cache's key, and other tests change them for a
    moment (`--live` counts runs): then it is tried again.
    """
    attempts = [place / str(number) for number in range(4)]
    for folder in attempts[:-1]:
        with suppress(AssertionError):
            return run(folder)
    return run(attempts[-1])


def test_a_second_run_says_the_same_from_the_cache(tmp_path: Path) -> None:
    """Until a header changes, or another one is found before it."""
    until_quiet(run_from_the_cache, tmp_path)


def test_so_does_one_of_bcc_programs(tmp_path: Path) -> None:
    """Until a header changes, or a file that a tool reads."""
    until_quiet(run_bcc_from_the_cache, tmp_path)


def run_bcc_from_the_cache(place: Path) -> None:
    for folder in (place, place / "first", place / ".git"):
        folder.mkdir()
    text = "int f(struct pt_regs *ctx) { return 0; }\n"
    (place / "own.h").write_text("#define OWN 1\n")
    (place / "prog.c").write_text('#include "own.h"\n' + text)
    (place / "part").write_text(text)
    (place / "tool.py").write_text("from bcc import BPF\nb = BPF(text=open('part').read())\n")
    env = {"XDG_CACHE_HOME": str(place / "cache")}

    def run() -> tuple[str, str]:
        done = bpfdoctor("check", "--no-load", "-I", "first", "prog.c", "tool.py", env=env, cwd=place)
        assert done.status == 0, done
        return done.out, done.err.rpartition("compile")[2].strip()

    out, kept = run()
    assert kept == "" and run() == (out, "; 2 from the cache")
    (place / "first/own.h").write_text("#define OWN 2\n")
    assert run() == (out, "; 1 from the cache")
    (place / "part").write_text("\n" + text)
    assert run() == (out, "; 1 from the cache") and run() == (out, "; 2 from the cache")


def run_from_the_cache(place: Path) -> None:
    first, second = place / "first", place / "second"
    for folder in (place, first, second, place / ".git"):  # nothing above it belongs to the project
        folder.mkdir()
    (second / "own.h").write_text("int own(void);\n")
    for name in "abc":
        include = '#include "own.h"\n' if name != "a" else ""
        (place / f"{name}.bpf.c").write_text(HEADER + include + PROGRAM)
    # where no bpftool is, as in an ordinary user's PATH: what is not there must not be looked at elsewhere
    env = {"XDG_CACHE_HOME": str(place / "cache"), "PATH": "/usr/local/bin:/usr/bin:/bin"}

    def run(*more: str) -> tuple[str, str]:
        done = bpfdoctor(
            *("check", "--no-load", "-I", "first", "-I", "second", "--output-format", "json", *more),
            *(f"{name}.bpf.c" for name in "abc"),
            env=env,
            cwd=place,
        )
        assert done.status == 0, done
        return done.out, done.err.rpartition("compile")[2].strip()

    out, kept = run("-j", "2")
    assert kept == "" and run("-j", "1") == (out, "; 3 from the cache")
    assert run("--no-cache") == (out, "")
    (second / "own.h").write_text("int own(int);\n")
    assert run() == (out, "; 1 from the cache") and run()[1] == "; 3 from the cache"
    (first / "own.h").write_text("int own(long);\n")
    assert run()[1] == "; 1 from the cache"
    done = bpfdoctor("config", "--clear-cache", env=env)
    assert done.out == "3 stored answers removed.\n" and run()[1] == ""


def test_shards_together_are_the_whole_run(sources: Path, tmp_path: Path) -> None:
    def run(*more: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(checked(sources, "--no-cache", "--output-format", "json", *more)[1])
        return told

    files = []
    for number in (1, 2, 3):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(run("--shard", f"{number}/3")))
    merged = json.loads(bpfdoctor("report", "merge", *reversed(files)).out)
    assert merged == run()


def test_a_shard_is_the_contents_alone(sources: Path) -> None:
    names = [str(sources / f"{name}.bpf.c") for name in "abcdefg"]
    shards = [sharding.shard(names, f"{number}/5") for number in range(1, 6)]
    assert sorted(name for each in shards for name in each) == names
    of_a = next(each for each in shards if names[0] in each)
    assert {names[2], names[5], names[6]} <= set(of_a), "the same text is in the same shard"
    assert sharding.shard(names[:1], f"{shards.index(of_a) + 1}/5") == names[:1]
    assert sum(len(sharding.shard(["no such file"], f"{number}/4")) for number in (1, 2, 3, 4)) == 1


@pytest.mark.parametrize("word", ["0/8", "9/8", "3", "3/0", "a/b", "-1/8", "1/8/9", ""])
def test_a_shard_that_there_is_not(word: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a shard: of eight, the third is 3/8"):
        sharding.shard([], word)


def test_a_shard_without_files_is_an_empty_run(sources: Path) -> None:
    empty = next(n for n in range(1, 100) if not sharding.shard([str(sources / "a.bpf.c")], f"{n}/100"))
    done = bpfdoctor("check", "--output-format", "json", "--shard", f"{empty}/100", sources / "a.bpf.c")
    assert (done.status, done.err) == (0, f"note: No file is in shard {empty}/100.\n")
    assert json.loads(done.out)["reports"] == []
