"""Writes the man page: commands and options as the command line has them, and sections of docs/ci.md.

The wheel carries it as share/man/man1/bpfdoctor.1 (hatch_build.py); `make man` shows it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bpfdoctor import __version__  # noqa: E402
from bpfdoctor.render.escape import one_line, visible  # noqa: E402

#: Sections of docs/ci.md that belong to every use.
_DOCS = ("Settings in a file", "Comments in the source")
_ENVIRONMENT = {
    "NO_COLOR, FORCE_COLOR": "no colour, or colour also without a terminal; --color decides before them.",
    "COLUMNS": "the width of the drawing, in columns; --width decides before it.",
    "LC_ALL, LC_CTYPE, LANG": "where they ask for the locale C or POSIX, as with --ascii.",
    "XDG_CACHE_HOME": "where kernels for virtual machines and what was worked out once are kept.",
    "BPFDOCTOR_EXPERIMENTS": "0 is --no-experiments.",
    "BPFDOCTOR_DEBUG": "1 prints where bpfdoctor itself has failed.",
}
_FILES = {
    "bpfdoctor.toml, pyproject.toml": "settings, of this folder or the nearest above it.",
    "/proc/config.gz, /boot/config-*": "how this kernel was built.",
    "/sys/kernel/btf/vmlinux": "its types.",
}
_UNMARKED = ("dev",)  # for work on bpfdoctor itself


def page() -> str:
    """The page in the language of man(7), ASCII only."""
    import typer

    from bpfdoctor.cli import main

    top = typer.main.get_command(main.app)
    lines: list[str] = []
    for line in _page(top):
        if line == ".PP" and lines[-1].startswith((".SH", ".SS")):
            continue  # a heading begins a paragraph by itself
        if line.startswith((".SH", ".SS")) and lines and lines[-1] == ".br":
            lines.pop()
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _page(top: Any) -> Iterator[str]:
    commands = {name: top.get_command(None, name) for name in top.list_commands(None)}
    yield f'.TH BPFDOCTOR 1 "{_date()}" "bpfdoctor {_text(__version__)}" "User Commands"'
    yield from (".SH NAME", f"bpfdoctor {_DASH} explain why the verifier refused a BPF program, and fix it")
    yield ".SH SYNOPSIS"
    for name, command in commands.items():
        if name not in _UNMARKED:
            arguments = " ".join(
                _text(each.metavar or each.name.upper()) for each in command.params if _is_argument(each)
            )
            word = arguments or ("" if not hasattr(command, "commands") else "COMMAND")
            yield rf"\fBbpfdoctor {name}\fR [\fIOPTIONS\fR] {word}".rstrip()
            yield ".br"
    yield from (".SH DESCRIPTION", *_help(top.help))
    yield from (".SH OPTIONS", *_options(top))
    yield ".SH COMMANDS"
    for name, command in commands.items():
        if name not in _UNMARKED:
            yield from _command(name, command)
    for title in _DOCS:
        yield f".SH {_text(title.upper())}"
        yield from _markdown(_section(title))
    yield from (".SH ENVIRONMENT", *_listed(_ENVIRONMENT))
    yield from (".SH FILES", *_listed(_FILES))
    yield from (".SH SEE ALSO", r"\fBclang\fR(1), \fBbpftool\fR(8), \fBbpf\fR(2)")


def _date() -> str:
    """The day of the last release: two builds of a version give the same page."""
    released = re.search(
        r"^## .*?(\d{4}-\d\d-\d\d)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )
    return released[1] if released else "2026-11-30"


def _command(name: str, command: Any) -> Iterator[str]:
    yield f".SS {_text(name)}"
    yield from _help(command.help or "")
    yield from _options(command)
    for sub, each in getattr(command, "commands", {}).items():
        yield from _command(f"{name} {sub}", each)


def _help(text: str) -> Iterator[str]:
    r"""Paragraphs; those that begin with \b keep their lines."""
    for part in text.strip().split("\n\n"):
        lines = [line for line in part.split("\n") if line.strip() != "\b"]
        if "\b" not in part:
            yield from (".PP", _text(" ".join(lines)))
            continue
        if lines[0].endswith(":"):
            yield from (".PP", _text(lines.pop(0)))
        yield from _verbatim(lines)


def _verbatim(lines: list[str]) -> Iterator[str]:
    yield from (".PP", ".nf", ".RS 4", *(_text(line, keep=True) for line in lines), ".RE", ".fi")


def _options(command: Any) -> Iterator[str]:
    for each in command.params:
        if _is_argument(each) or getattr(each, "hidden", False):
            continue
        names = ", ".join(rf"\fB{_text(name)}\fR" for name in (*each.opts, *each.secondary_opts))
        takes = "" if each.is_flag else rf" \fI{_text(_takes(each))}\fR"
        yield from (".TP", names + takes, _text(each.help or ""))


def _takes(option: Any) -> str:
    choices = getattr(option.type, "choices", None)
    return option.metavar or ("|".join(map(str, choices)) if choices else option.type.name.upper())


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _section(title: str) -> str:
    """What docs/ci.md says under a heading."""
    found = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)",
        (ROOT / "docs/ci.md").read_text(encoding="utf-8"),
        re.M | re.S,
    )
    assert found, f"docs/ci.md has no section {title!r}"
    return found[1]


def _markdown(text: str) -> Iterator[str]:
    for at, part in enumerate(re.split(r"^```\w*\n", text, flags=re.M)):
        if at % 2:
            yield from _verbatim(part.rstrip("\n").split("\n"))
            continue
        for paragraph in re.split(r"\n\s*\n", part.strip()):
            if paragraph.strip():
                yield from (".PP", _words(paragraph))


def _words(paragraph: str) -> str:
    """Inline code in bold, links as their text."""
    plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", paragraph)
    parts = re.split(r"`([^`]+)`", " ".join(plain.split()))
    said = "".join(rf"\fB{_escaped(each)}\fR" if at % 2 else _escaped(each) for at, each in enumerate(parts))
    return _begun(said)


def _listed(words: dict[str, str]) -> Iterator[str]:
    for name, said in words.items():
        yield from (".TP", rf"\fB{_text(name)}\fR", _text(said))


_DASH = r"\-"


def _text(text: str, *, keep: bool = False) -> str:
    """A line of text; with `keep` its blanks stay."""
    line = visible(text.expandtabs(8), unicode=False) if keep else one_line(text, unicode=False)
    return _begun(_escaped(line))


def _escaped(text: str) -> str:
    ascii_only = visible(text, unicode=False)
    return (
        ascii_only.replace("\\", r"\e")
        .replace("-", r"\-")
        .replace("'", r"\(aq")
        .replace("`", r"\(ga")
        .replace("^", r"\(ha")
        .replace("~", r"\(ti")
    )


def _begun(line: str) -> str:
    """A line that begins like a request is text all the same."""
    return rf"\&{line}" if line[:1] in (".", "'") or not line else line


def main() -> None:
    """Writes the page to the file that is named, or to standard output."""
    text = page()
    if len(sys.argv) > 1:
        file = Path(sys.argv[1])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
