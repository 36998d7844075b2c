"""Compiles a BCC program with libbcc in one child process, loads it in another: a RawReport per function."""

from __future__ import annotations

import os
import re
from typing import Any

from bpfdoctor import processes, statistics, temporary
from bpfdoctor.capture import (
    bcc_dependencies,
    bcc_headers,
    bcc_output,
    bcc_types,
    clang,
    endless,
    own_texts,
    privileges,
)
from bpfdoctor.capture.bcc_output import BccSource
from bpfdoctor.capture.child import NONSENSE, Child, Stopped, environment
from bpfdoctor.capture.libbpf import refused_without_a_word
from bpfdoctor.capture.near_names import near_names
from bpfdoctor.capture.packages import install
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.kernel.types import programs as program_types
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, field, replace
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
    recorded: list[str] = field(default_factory=list)  # functions, in the order of their loads
    recording: bytes = b""  # what loading them takes (bpf_calls)
    messages: bytes = b""  # what libbcc said while it compiled


def load(template: RawReport, source: BccSource, options: CaptureOptions) -> list[RawReport]:
    """Compile `source` and load each of its functions; the reports are copies of `template`.

    Raises Problem without libbcc, kernel headers or the rights to load.
    """
    kernel = None
    if options.load and not options.recorded:
        kernel = Kernel(os.uname().release, privileges.require(options))
    env = dict(environment(options))
    with temporary.Folder() as scratch:
        headers = bcc_headers.find(env, scratch)
        if headers.folder:
            env["BCC_KERNEL_SOURCE"] = str(headers.folder)
        notes = (*template.notes, *([headers.note] if headers.note else []))
        uses = _TRACEPOINT.findall(code_only(source.text))
        tracepoints = sorted({f"{use[0] or use[2]}:{use[1] or use[3]}" for use in uses})
        chosen = bcc_types.choose(source.text, source.attached)
        asked = bcc_types.override(options.prog_type) if options.prog_type else None
        types = {name: asked or kind for name, (kind, _) in chosen.items()}
        headers_of = own_texts.own_headers(source.text, (source.folder, *options.include_dirs))
        template = replace(template, files=(*template.files, *headers_of))
        flags = _cflags(source, options)
        session = _Session(
            replace(template, kernel=kernel, notes=notes, line_maps=bcc_output.line_maps(source, None)),
            source,
            options,
            {
                "cflags": [*flags, *bcc_dependencies.flags(scratch)],
                "types": {name: kind if chosen[name][0] else None for name, kind in types.items()},
                "numbers": {kind.name: kind.id for kind in program_types().values()},
                "default": asked or "kprobe",
                "names": list(options.programs),
                "load": options.load,
                "memory_mib": options.memory_mib,
                "tracepoints": tracepoints,
            },
            {name: None if asked else why for name, (_, why) in chosen.items()},
        )
        _compile(session, env)
        bcc_dependencies.tell(scratch, headers.folder, env, flags)
    _check_names(session)
    while not session.whole and (left := _left(session)):
        _load(session, left)
        if left[0] not in session.reports and not session.whole:
            _unanswered(session, left[0], "its loader said nothing about it")
    if session.whole:
        return [*session.reports.values(), session.whole]
    return [session.reports[name] for name, _ in session.functions if name in session.reports]


def _cflags(source: BccSource, options: CaptureOptions) -> list[str]:
    """The flags for clang inside libbcc, which compiles in the headers' folder: paths must be absolute."""
    flags = [*source.cflags, f"-I{source.folder}", *(f"-I{folder}" for folder in options.include_dirs)]
    flags += [*(f"-D{name}" for name in options.defines), *options.cflags]
    flags = [*clang.warnings_wanted(flags), *flags]
    return [f"-I{os.path.abspath(flag[2:])}" if flag[:2] == "-I" and flag[2:] else flag for flag in flags]


def _left(session: _Session) -> list[str]:
    """Functions that were recorded and have no report yet: of none, or because a child hung on one."""
    return [name for name in session.recorded if name not in session.reports]


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
        raise Problem(f"{source} has no program called {unknown[0]!r}.", near_names(unknown[0], names))


def _compile(session: _Session, env: dict[str, str]) -> None:
    """The child that compiles and records, until it is done, hangs or dies."""
    options = session.options
    payload = session.source.handed_over.encode("utf-8", "surrogateescape")
    seconds = float(_STARTS)

    def look(pid: int) -> None:
        folders = [session.source.folder, *options.include_dirs]
        endless.refuse(pid, session.template.source, folders)

    with Child("_bcc_child", session.request, payload, env, options.memory_mib, with_rights=True) as child:
        try:
            while message := child.message(seconds, look):
                match message["event"]:
                    case "missing":
                        raise Problem(f"BCC cannot be used: {message['what']}.", install("bcc"))
                    case "started":
                        _started(session, message)
                        seconds = options.compile_seconds
                    case "compiled":
                        compiled = child.text(message["object"])[:] if message["ok"] else b""
                        _compiled(session, message, child.stderr(), compiled)
                    case "function":
                        session.recorded.append(session.functions[message["index"]][0])
                    case "not_asked":
                        name = session.functions[message["index"]][0]
                        session.reports[name] = _not_asked(session, name, message, child)
                    case "recorded":
                        session.recording = bytes(child.text(message["where"])[:])
            status = child.end()
        except Stopped:
            return _not_finished(session, f"compiling had not ended after {seconds:.0f} s", child)
        except NONSENSE:
            return _not_finished(session, "the answer of the process compiling cannot be read", child)
        if status and not session.whole:
            if status == 1 and not session.functions:
                _not_compiled(session, child.stderr())  # LLVM's back end gave up
            else:
                ending = processes.how_it_ended(status)
                _not_finished(session, f"compiling failed: the process {ending}", child, status)
    if options.recorded and not session.whole:
        for name in session.recorded:
            program = _program(session, name, dict(session.functions)[name])
            session.reports[name] = replace(session.template, program=program, recording=session.recording)
    return None


def _load(session: _Session, left: list[str]) -> None:
    """A child that loads what was recorded, until it is done, hangs or dies on a program."""
    options, names = session.options, [name for name, _ in session.functions]
    programs = [names.index(name) if name in left else None for name in session.recorded]
    request = {
        "capabilities": options.capabilities,
        "programs": programs,
        "all_paths": options.all_paths,
    }
    env, memory = environment(options), options.memory_mib
    loading = left[0]
    seconds = float(_STARTS)
    with Child("_load_child", request, session.recording, env, memory, with_rights=True) as child:
        try:
            while message := child.message(seconds):
                match message["event"]:
                    case "loading":
                        loading, seconds = names[message["index"]], options.load_seconds
                    case "function":
                        session.reports[loading] = _judged(session, loading, message, child)
                    case "no_map":
                        said = session.messages + bytes(child.text(message["where"])[:])
                        session.whole = _not_loaded(session, said)
            status = child.end()
        except Stopped:
            return _unanswered(session, loading, f"the kernel had not decided after {seconds:.0f} s")
        except NONSENSE:
            return _unanswered(session, loading, "the answer of the process that loaded it cannot be read")
    if status and not session.whole and loading not in session.reports:
        ending = processes.how_it_ended(status)
        _unanswered(session, loading, f"the process that loaded it {ending}")
    return None


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
    said = _take_in(session, printed).before
    session.template = replace(session.template, object=compiled or None, compiler_said=said)
    if not session.options.load:
        for name, kind in session.functions:
            session.reports[name] = replace(
                session.template, verdict=Verdict.NOT_ASKED, program=_program(session, name, kind)
            )
    return None


def _take_in(session: _Session, printed: bytes) -> bcc_output.BccOutput:
    """Add the source as BCC rewrote it, and the maps from its lines to the user's."""
    output = bcc_output.split(printed)
    files = session.template.files
    if output.rewritten is not None and files[-1].path != bcc_output.REWRITTEN:
        files += (SourceFile(bcc_output.REWRITTEN, output.rewritten),)
    session.messages = output.messages
    maps = bcc_output.line_maps(session.source, output)
    session.template = replace(session.template, files=files, line_maps=maps)
    return output


def _program(session: _Session, name: str, kind: str | None) -> Program:
    return Program(name, kind, None, session.reasons.get(name, bcc_types.reason(name)) if kind else None)


def _not_compiled(session: _Session, printed: bytes) -> None:
    """The whole program failed: in clang's front end, in LLVM's back end, or its maps are too large."""
    text = _take_in(session, printed).messages
    if b"could not open bpf map" in text:
        session.whole = _not_loaded(session, text)
        return
    notes = (*session.template.notes, *map(_no_tracepoint, session.absent))
    session.whole = replace(
        session.template, data=text, stage=Stage.COMPILER, verdict=Verdict.NOT_COMPILED, notes=notes
    )


def _not_loaded(session: _Session, text: bytes) -> RawReport:
    """The report on a program of which a map could not be made."""
    return replace(session.template, data=text, stage=Stage.LOADER, verdict=Verdict.NOT_LOADED)


def _about(session: _Session, name: str) -> RawReport:
    """The report on one function, as far as it is known before the kernel is asked."""
    absent = [tp for tp in session.absent if name == "tracepoint__" + tp.replace(":", "__")]
    notes = (*session.template.notes, *map(_no_tracepoint, absent))
    program = _program(session, name, dict(session.functions)[name])
    return replace(session.template, program=program, notes=notes)


def _judged(session: _Session, name: str, message: dict[str, Any], child: Child) -> RawReport:
    """The report on a function that the kernel was asked about."""
    about = _about(session, name)
    verdict, notes, log = Verdict(message["verdict"]), list(about.notes), child.text(message["log"])
    if message["cut"]:
        notes.append("The verifier's log is longer than 1 GiB: its beginning is missing.")
    judged = replace(
        about,
        log=log,
        stage=Stage.VERIFIER,
        verdict=verdict,
        errno=message["errno"],
        stats=statistics.of_log(log),
        notes=tuple(notes),
        recording=session.recording,  # for other kernels
    )
    if verdict is not Verdict.NOT_LOADED:
        return judged
    said = f"bpf: Failed to load program: {os.strerror(message['errno'])}\n".encode()  # as libbcc does
    silent = replace(judged, data=said, log=None, stage=Stage.LOADER)
    kind = about.program.type if about.program else None
    return refused_without_a_word(silent, message["errno"], kind, session.options)


def _not_asked(session: _Session, name: str, message: dict[str, Any], child: Child) -> RawReport:
    """The report on a function that libbcc could not even hand to the kernel; it said why."""
    return replace(
        _about(session, name),
        data=child.text(message["words"]),
        stage=Stage.LOADER,
        verdict=Verdict.NOT_LOADED,
        errno=message["errno"],
    )


def _no_tracepoint(name: str) -> str:
    return f"This kernel has no tracepoint {name}, so nothing is known of its arguments."


def _not_finished(session: _Session, why: str, child: Child, status: int = 0) -> None:
    """Report a hang or a crash of the compilation."""
    printed = child.stderr()
    _not_compiled(session, printed)
    assert session.whole
    if not session.functions and status < 0 and not processes.stopped_from_outside(status, printed):
        note = f"{why[0].upper()}{why[1:]}."  # a crash of libbcc's own, over this program
        session.whole = replace(session.whole, notes=(*session.whole.notes, note))
    else:
        session.whole = replace(session.whole, verdict=Verdict.NO_ANSWER, no_answer=why)


def _unanswered(session: _Session, name: str, why: str) -> None:
    """Report a function on which a loader hung or died."""
    session.reports[name] = replace(
        session.template,
        stage=Stage.LOADER,
        verdict=Verdict.NO_ANSWER,
        program=_program(session, name, dict(session.functions)[name]),
        no_answer=why,
    )
