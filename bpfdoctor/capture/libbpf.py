"""Loads an ELF object's programs through libbpf in a child process: one RawReport per program."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from typing import Any

from bpfdoctor import processes, statistics
from bpfdoctor.capture import bars, privileges
from bpfdoctor.capture.child import NONSENSE, Child, Stopped, environment
from bpfdoctor.capture.near_names import near_names
from bpfdoctor.capture.packages import install
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import CaptureOptions, Kernel, Program, RawReport, Stage, Verdict

_LIBBPF_ERRORS = 4000  # from here on an error number is libbpf's own (LIBBPF_ERRNO__…), not the kernel's
_STARTS = 30  # seconds for a child to start and to read an object


@dataclass(slots=True)
class _Session:
    """What is known of an object while its children run."""

    template: RawReport  # source, flavour, compiler, files, object: the same for every program
    options: CaptureOptions
    programs: list[Program]
    reports: dict[int, RawReport]
    whole: RawReport | None = None  # when the object itself fails


def load(template: RawReport, options: CaptureOptions) -> list[RawReport]:
    """Load every program of `template.object`; the reports are copies of `template`, in the object's order.

    Raises Problem without libbpf, without the rights to load, and for options that name no program or type.
    """
    assert template.object is not None
    kernel = None
    if options.load:
        kernel = Kernel(os.uname().release, privileges.require(options))
    session = _Session(replace(template, kernel=kernel), options, [], {})
    _run(session, None, alone=options.verified_lines)
    if session.whole:
        return [*session.reports.values(), session.whole]
    if not session.programs:
        raise Problem(
            f"{template.source} has no BPF program: libbpf finds no function with a SEC(…).",
            'Put SEC("…") before each program, for example SEC("xdp") or SEC("kprobe/do_unlinkat").',
            "A program in BCC's style (BPF_HASH, no SEC) is checked with --flavour bcc.",
        )
    known = [program.name for program in session.programs]
    unknown = [name for name in options.programs if name not in known]
    if unknown:
        raise Problem(
            f"{template.source} has no program called {unknown[0]!r}.",
            near_names(unknown[0], [str(name) for name in known]),
        )
    wanted = [i for i, p in enumerate(session.programs) if not options.programs or p.name in options.programs]
    if not options.load:
        asked = replace(session.template, verdict=Verdict.NOT_ASKED)
        return [replace(asked, program=session.programs[index]) for index in wanted]
    _run_the_rest(session, wanted)
    whole = [session.whole] if session.whole else []
    return [*(session.reports[index] for index in wanted if index in session.reports), *whole]


def _run_the_rest(session: _Session, wanted: list[int]) -> None:
    """Go on after a child that hung or crashed, one program at a time, until each has a report."""
    while left := [index for index in wanted if index not in session.reports]:
        _run(session, left, alone=True)
        if session.whole:
            return
        if left[0] not in session.reports:  # the child ended without a word about it
            _unanswered(session, left[0], "its loader said nothing about it")


def _run(session: _Session, indexes: list[int] | None, alone: bool) -> None:
    """One child, until it is done, hangs or dies."""
    options, template = session.options, session.template
    assert template.object is not None
    request = {
        "object_name": os.path.basename(template.source).split(".")[0] or "object",
        "prog_type": options.prog_type,
        "capabilities": options.capabilities,
        "names": list(options.programs),
        "indexes": indexes,
        "alone": alone,
        "lines": options.verified_lines,
        "load": options.load,
        "all_paths": options.all_paths,
        "memory_mib": options.memory_mib,
    }
    loading: list[int] = []
    elf, env = template.object, environment(options)
    with Child("_libbpf_child", request, elf, env, options.memory_mib, with_rights=options.load) as child:
        try:
            while message := child.message(options.load_seconds if loading else _STARTS):
                match message["event"]:
                    case "loading":
                        loading = message["indexes"]
                    case "program":
                        session.reports[message["index"]] = _judged(session, message, child)
                    case "not_loaded":
                        session.reports[message["index"]] = _not_loaded(session, message, child)
                    case "object":
                        session.whole = _object(session, message, child)
                    case _:
                        _listed(session, message)
            status = child.end()
        except Stopped:
            _unfinished(session, loading, f"the kernel had not decided after {options.load_seconds} s")
            return
        except NONSENSE:
            _unfinished(session, loading, "the answer of the process that loaded it cannot be read")
            return
        if status:
            ending = processes.how_it_ended(status)
            _unfinished(session, loading, f"the process that loaded it {ending}", child.stderr())


def _listed(session: _Session, message: dict[str, Any]) -> None:
    """The child's first words: what the object holds, or why it cannot go on."""
    match message["event"]:
        case "missing":
            raise Problem(f"libbpf.so.1 cannot be used: {message['what']}.", install("libbpf"))
        case "unknown_type":
            raise Problem(
                f"libbpf knows no program type called {message['name']!r}.",
                "Name it like the kernel (xdp, kprobe, sched_cls) or like a section (fentry/do_unlinkat).",
            )
        case "programs":
            session.programs = [
                Program(name, kind, section, assumed) for name, section, kind, assumed in message["programs"]
            ]
            if notes := [note for note in message["notes"] if note not in session.template.notes]:
                session.template = replace(session.template, notes=(*session.template.notes, *notes))
            limit = session.options.memory_mib
            if message["map_mib"] > limit:
                raise Problem(
                    f"The maps of {session.template.source} take about {message['map_mib']} MiB, "
                    f"more than the {limit} MiB bpfdoctor may use.",
                    "Make max_entries smaller while you look for the error.",
                )


def _judged(session: _Session, message: dict[str, Any], child: Child) -> RawReport:
    """The report on a program that the verifier looked at."""
    verdict = Verdict(message["verdict"])
    program, log = session.programs[message["index"]], child.text(message["log"])
    notes = _beside_another(program) if verdict is not Verdict.LOADS else []
    notes += [program.assumed] if program.assumed else []
    if message["cut"]:
        notes.append("The verifier's log is longer than 1 GiB: its beginning is missing.")
    if message["loads_alone"]:
        notes.append(
            "Loaded alone, this program is accepted; it is refused together with the ones before it."
        )
    return replace(
        session.template,
        log=log,
        stage=Stage.VERIFIER,
        verdict=verdict,
        program=program,
        errno=message["errno"],
        stats=statistics.of_log(log),
        verified=tuple((file, line) for file, line in message["lines"]),
        notes=(*session.template.notes, *notes),
    )


def _not_loaded(session: _Session, message: dict[str, Any], child: Child) -> RawReport:
    """The report on a program that libbpf could not load, or the kernel refused without a word."""
    program = session.programs[message["index"]]
    notes = [_no_type(program)] if program.type == "unspec" else []
    notes += [program.assumed] if program.assumed else []
    notes += _beside_another(program)
    raw = replace(
        session.template,
        data=child.text(message["words"]),
        stage=Stage.LOADER,
        verdict=Verdict.NOT_LOADED,
        program=program,
        errno=message["errno"],
        notes=(*session.template.notes, *notes),
    )
    if not message["silent"]:
        return raw
    return refused_without_a_word(raw, message["errno"], program.type, session.options)


def _beside_another(program: Program) -> list[str]:
    if program.type != "ext":
        return []
    return [f"{program.name} replaces a function of another program and can only be loaded beside it."]


def _no_type(program: Program) -> str:
    where = f'SEC("{program.section}"), which libbpf does not know'
    if program.section == ".text":
        where = "no SEC(…)"
    return (
        f"{program.name} has {where}. It needs one that says its type (xdp, tc, kprobe/FUNCTION, "
        "tracepoint/CATEGORY/EVENT …); where the project's own loader sets the type, say it with --prog-type."
    )


def _object(session: _Session, message: dict[str, Any], child: Child) -> RawReport:
    """The report on an object of which no program could be loaded."""
    notes = session.template.notes
    kernel = session.template.kernel
    if message["errno"] == errno.EPERM and kernel and kernel.capabilities == "unprivileged":
        notes += ("Without capabilities this kernel loads nothing (kernel.unprivileged_bpf_disabled).",)
    raw = replace(
        session.template,
        data=child.text(message["where"]),
        stage=Stage.LOADER,
        verdict=Verdict.NOT_LOADED,
        errno=message["errno"] if message["errno"] < _LIBBPF_ERRORS else None,
        notes=notes,
    )
    if raw.errno not in (errno.EPERM, errno.ENOSYS):
        return raw
    return refused_without_a_word(raw, raw.errno, None, session.options)


def _unfinished(session: _Session, indexes: Iterable[int], why: str, printed: bytes = b"") -> None:
    """Report the program a child hung on or died over; of several, the next child finds out which it was."""
    waiting = [index for index in indexes if index not in session.reports]
    if not session.programs or not waiting:
        session.whole = _no_answer(session, why, printed)
    elif len(waiting) == 1:
        _unanswered(session, waiting[0], why, printed)


def _unanswered(session: _Session, index: int, why: str, printed: bytes = b"") -> None:
    session.reports[index] = replace(_no_answer(session, why, printed), program=session.programs[index])


def _no_answer(session: _Session, why: str, printed: bytes) -> RawReport:
    return replace(
        session.template, data=printed, stage=Stage.LOADER, verdict=Verdict.NO_ANSWER, no_answer=why
    )


def refused_without_a_word(
    raw: RawReport, error: int | None, program_type: str | None, options: CaptureOptions
) -> RawReport:
    """The report with what can be known of why the kernel did not look at a program."""
    if error in (errno.EPERM, errno.EACCES):
        return replace(raw, lacks=privileges.lacking(program_type, options), bars=bars.seen())
    if error == errno.ENOSYS and bars.kernel_has_bpf():
        return replace(raw, bars=bars.seen())
    told = "The kernel refused the program before the verifier looked at it, so there is no log."
    return replace(raw, notes=(*raw.notes, told))
