"""Compiles and loads a BCC program through libbcc in a child process: one RawReport per function."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, field, replace
from typing import Any

from bpfdoctor import processes
from bpfdoctor.capture import bcc_headers, bcc_output, bcc_types, privileges
from bpfdoctor.capture.bcc_output import BccSource
from bpfdoctor.capture.child import NONSENSE, Child, Stopped, environment
from bpfdoctor.capture.libbpf import silent_refusal
from bpfdoctor.capture.packages import install
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import (
    CaptureOptions,
    Kernel,
    Program,
    RawReport,
    SourceFile,
    Stage,
    Verdict,
)

_STARTS = 30  # seconds for a child to start
_TRACEPOINT = re.compile(
    r"(?<!RAW_)\bTRACEPOINT_PROBE\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)|\bstruct tracepoint__(\w+?)__(\w+)"
)
_TRACEFS = ("/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events")


@dataclass(slots=True)
class _Session:
    """What is known of a program while its children run."""

    template: RawReport
    source: BccSource
    options: CaptureOptions
    request: dict[str, Any]
    reasons: dict[str, str | None]
    reports: dict[str, RawReport] = field(default_factory=dict)
    functions: list[tuple[str, str | None]] = field(default_factory=list)  # (name, type; None = not loaded)
    absent: list[str] = field(default_factory=list)  # tracepoints (category:event) this kernel lacks
    whole: RawReport | None = None


def load(template: RawReport, source: BccSource, options: CaptureOptions) -> list[RawReport]:
    """Compile `source` and load each of its functions; the reports are copies of `template`.

    Raises Problem without libbcc, kernel headers or the rights to load.
    """
    kernel = Kernel(os.uname().release, privileges.require(options)) if options.load else None
    env = dict(environment(options))
    with tempfile.TemporaryDirectory(prefix="bpfdoctor-") as scratch:
        headers = bcc_headers.find(env, scratch)
        if headers.folder:
            env["BCC_KERNEL_SOURCE"] = str(headers.folder)
        notes = (*template.notes, *([headers.note] if headers.note else []))
        uses = _TRACEPOINT.findall(code_only(source.text))
        tracepoints = sorted({f"{use[0] or use[2]}:{use[1] or use[3]}" for use in uses})
        chosen = bcc_types.choose(source.text, source.attached)
        asked = bcc_types.override(options.prog_type) if options.prog_type else None
        types = {name: asked or kind for name, (kind, _) in chosen.items()}
        session = _Session(
            replace(template, kernel=kernel, notes=notes, line_maps=bcc_output.line_maps(source, None)),
            source,
            options,
            {
                "cflags": _cflags(source, options),
                "types": {name: kind if chosen[name][0] else None for name, kind in types.items()},
                "default": asked or "kprobe",
                "names": list(options.programs),
                "done": [],
                "load": options.load,
                "hook": True,
                "capabilities": options.capabilities,
                "memory_mib": options.memory_mib,
                "tracepoints": tracepoints,
                "mount_tracefs": bool(tracepoints) and not any(map(_has_events, _TRACEFS)),
            },
            {name: None if asked else why for name, (_, why) in chosen.items()},
        )
        _run(session, env)
        _check_names(session)
        while not session.whole and (left := _left(session)):
            session.request["done"] = sorted(session.reports)
            _run(session, env)
            if left[0] not in session.reports and not session.whole:
                _unanswered(session, left[0], "its loader said nothing about it")
    if session.whole:
        return [*session.reports.values(), session.whole]
    return [session.reports[name] for name, _ in session.functions if name in session.reports]


def _has_events(folder: str) -> bool:
    try:
        return bool(os.listdir(folder))
    except OSError:
        return False


def _cflags(source: BccSource, options: CaptureOptions) -> list[str]:
    """The flags for clang inside libbcc, which compiles in the headers' folder: paths must be absolute."""
    flags = [*source.cflags, f"-I{source.folder}", *(f"-I{folder}" for folder in options.include_dirs)]
    flags += [*(f"-D{name}" for name in options.defines), *options.cflags]
    return [f"-I{os.path.abspath(flag[2:])}" if flag[:2] == "-I" and flag[2:] else flag for flag in flags]


def _left(session: _Session) -> list[str]:
    """Functions that are to be loaded and have no report yet, because a child hung or crashed before them."""
    if not session.options.load:
        return []
    return [name for name, kind in session.functions if kind is not None and name not in session.reports]


def _check_names(session: _Session) -> None:
    if session.whole:
        return
    names = [name for name, _ in session.functions]
    source = session.template.source
    if not names:
        raise Problem(
            f"{source} has no BPF program: BCC finds no function in it.",
            "Functions that are static or inline are helpers, not programs.",
        )
    unknown = [name for name in session.options.programs if name not in names]
    if unknown:
        raise Problem(f"{source} has no program called {unknown[0]!r}.", "It has " + ", ".join(names) + ".")


def _run(session: _Session, env: dict[str, str]) -> None:
    """One child, until it is done, hangs or dies."""
    options = session.options
    payload = session.source.handed_over.encode("utf-8", "surrogateescape")
    seconds, doing = float(_STARTS), "compiling"
    loading: str | None = None
    with Child("_bcc_child", session.request, payload, env, options.memory_mib, with_rights=True) as child:
        try:
            while message := child.message(seconds):
                match message["event"]:
                    case "missing":
                        raise Problem(f"BCC cannot be used: {message['what']}.", install("bcc"))
                    case "started":
                        _started(session, message)
                        seconds = options.compile_seconds
                    case "compiled":
                        compiled = child.text(message["object"])[:] if message["ok"] else b""
                        _compiled(session, message, child.stderr(), compiled)
                    case "loading":
                        loading, seconds = session.functions[message["index"]][0], options.load_seconds
                        doing = f"the kernel deciding on {loading}"
                    case "function":
                        name = session.functions[message["index"]][0]
                        session.reports[name] = _function(session, name, message, child)
                        loading = None
            status = child.end()
        except Stopped:
            _unfinished(session, loading, f"{doing} had not ended after {seconds:.0f} s", child)
            return
        except NONSENSE:
            _unfinished(session, loading, f"the answer of the process {doing} cannot be read", child)
            return
        if status and not session.whole:
            ending = processes.how_it_ended(status)
            if loading is None and not session.functions and status == 1:
                _not_compiled(session, child.stderr())  # LLVM's back end gave up
            else:
                _unfinished(session, loading, f"{doing} failed: the process {ending}", child, status)


def _started(session: _Session, message: dict[str, Any]) -> None:
    """Take in what the child found on this machine."""
    notes = session.template.notes
    if message["absent"] is None:
        notes += (
            "tracefs is not mounted and could not be: BCC cannot learn what the tracepoints' arguments are. "
            "Mount it: sudo mount -t tracefs nodev /sys/kernel/tracing",
        )
    session.absent = message["absent"] or []
    session.template = replace(session.template, compiler=f"bcc {message['version']}".strip(), notes=notes)


def _compiled(session: _Session, message: dict[str, Any], printed: bytes, compiled: bytes) -> None:
    """Take in what libbcc's compilation gave."""
    if not message["ok"]:
        return _not_compiled(session, printed)
    session.functions = [(name, kind) for name, kind in message["functions"]]
    _take_in(session, printed)
    session.template = replace(session.template, object=compiled or None)
    if not session.options.load:
        for name, kind in session.functions:
            session.reports[name] = replace(
                session.template, verdict=Verdict.NOT_ASKED, program=_program(session, name, kind)
            )
    return None


def _take_in(session: _Session, printed: bytes) -> bcc_output.Output:
    """Add the source as BCC rewrote it, and the maps from its lines to the user's."""
    output = bcc_output.split(printed)
    files = session.template.files
    if output.rewritten is not None and files[-1].path != bcc_output.REWRITTEN:
        files += (SourceFile(bcc_output.REWRITTEN, output.rewritten),)
    maps = bcc_output.line_maps(session.source, output)
    session.template = replace(session.template, files=files, line_maps=maps)
    return output


def _program(session: _Session, name: str, kind: str | None) -> Program:
    return Program(name, kind, None, session.reasons.get(name, bcc_types.reason(name)) if kind else None)


def _not_compiled(session: _Session, printed: bytes) -> None:
    """The whole program failed: in clang's front end, in LLVM's back end, or when its maps were made."""
    text = _take_in(session, printed).messages
    maps = b"could not open bpf map" in text
    absent = [_no_tracepoint(name) for name in session.absent]
    session.whole = replace(
        session.template,
        data=text,
        stage=Stage.LOADER if maps else Stage.COMPILER,
        verdict=Verdict.NOT_LOADED if maps else Verdict.NOT_COMPILED,
        notes=(*session.template.notes, *absent),
    )


def _function(session: _Session, name: str, message: dict[str, Any], child: Child) -> RawReport:
    """The report on one function."""
    verdict = Verdict(message["verdict"])
    kind = dict(session.functions)[name]
    notes = list(session.template.notes)
    notes += [_no_tracepoint(tp) for tp in session.absent if name == "tracepoint__" + tp.replace(":", "__")]
    if message["cut"]:
        notes.append("The verifier's log is longer than 1 GiB: its beginning is missing.")
    data = child.text(message["where"])
    if verdict is Verdict.NOT_LOADED:
        notes += silent_refusal(message["errno"], session.template.kernel, data[:])
    return replace(
        session.template,
        data=data,
        stage=Stage.LOADER if verdict is Verdict.NOT_LOADED else Stage.VERIFIER,
        verdict=verdict,
        program=_program(session, name, kind),
        errno=message["errno"],
        insns=message["insns"],
        notes=tuple(notes),
    )


def _no_tracepoint(name: str) -> str:
    return f"This kernel has no tracepoint {name}, so nothing is known of its arguments."


def _unfinished(session: _Session, loading: str | None, why: str, child: Child, status: int = 0) -> None:
    """Report a hang or a crash: of one function, or of the compilation."""
    if loading is not None:
        return _unanswered(session, loading, why)
    _not_compiled(session, child.stderr())
    assert session.whole
    if not session.functions and status < 0 and not processes.stopped_from_outside(status, child.stderr()):
        note = f"{why[0].upper()}{why[1:]}."  # a crash of libbcc's own, over this program
        session.whole = replace(session.whole, notes=(*session.whole.notes, note))
    else:
        session.whole = replace(session.whole, verdict=Verdict.NO_ANSWER, no_answer=why)
    return None


def _unanswered(session: _Session, name: str, why: str) -> None:
    session.reports[name] = replace(
        session.template,
        stage=Stage.LOADER,
        verdict=Verdict.NO_ANSWER,
        program=_program(session, name, dict(session.functions)[name]),
        no_answer=why,
    )
