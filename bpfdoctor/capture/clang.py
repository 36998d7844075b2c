"""Compiles C with `clang -g -O2 -target bpf`, under limits, and keeps the object for its BTF."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bpfdoctor import looked_at, processes, temporary
from bpfdoctor.capture import endless, newer, overlay, vmlinux
from bpfdoctor.capture.child import environment
from bpfdoctor.capture.own_texts import read_source, user_files
from bpfdoctor.capture.packages import install, lacking
from bpfdoctor.capture.project import Project, surroundings
from bpfdoctor.capture.project_flags import Flags
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import CaptureOptions, RawReport, Stage, Verdict

_CLOCK = 4  # seconds on the clock for each second of processor time: a busy machine changes no answer
_OUTPUT_MIB = 256  # what a compiler may write, object and messages
_MESSAGES = 16 << 20  # bytes of compiler messages that are kept

#: uname's machine -> the suffix of __TARGET_ARCH_ that bpf_tracing.h expects
_ARCHES = {
    "x86_64": "x86", "i686": "x86", "aarch64": "arm64", "armv7l": "arm", "s390x": "s390",
    "ppc64le": "powerpc", "ppc64": "powerpc", "riscv64": "riscv",
    "loongarch64": "loongarch", "mips64": "mips", "sparc64": "sparc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a compilation: the object, or None and the report that says why."""

    object: bytes | None
    report: RawReport


def compile_c(template: RawReport, path: Path, options: CaptureOptions) -> Compiled:
    """Compile the C file `path`. The report is `template` with compiler, files and notes filled in.

    A program that does not compile, or that makes the compiler crash, is a report (NOT_COMPILED); so is one
    that the compiler was stopped on (NO_ANSWER). A missing compiler is a Problem.
    """
    env = environment(options)
    clang = find(options, env)
    project = surroundings(path, anew=not options.edited)
    with temporary.Folder() as folder:
        texts = overlay.Texts(path, options.edited, folder)
        generated, notes = _vmlinux(project, env, folder) if _wants_vmlinux(project, options) else (None, [])
        project.looks_ahead(options.include_dirs, read_source(path, options).text)
        run = _run(clang, texts, options, env, folder, project, generated)
        while not run.object:
            if not generated and not notes and _VMLINUX in run.messages:
                generated, notes = _vmlinux(project, env, folder)
                if not generated and notes:
                    break
            elif not project.learns(run.messages):
                break
            run = _run(clang, texts, options, env, folder, project, generated)
        reason = ""
        if not run.object and not run.stopped and not options.edited:
            version = _version_of(clang, env) or ""
            reason = _lacks(run, flags(options, project, generated), version, project)
            if project.flags.words and not reason:
                # Its build files may say more than can be read in them, and then less is better.
                said, project.flags = project.flags, Flags()
                again = _run(clang, texts, options, env, folder, project, generated)
                run, project.flags = (again, Flags()) if again.object else (run, said)
            reason = reason or ("" if run.object else _part_of_more(run, project))
        used = flags(options, project, generated)
        headers = list(texts.headers(Path(folder, "deps")))
        looked_at.compiled(headers, _folders(used))
        if generated and str(generated / "vmlinux.h") in headers:
            notes.append("vmlinux.h was made from the running kernel's types: none was on the include path.")
        notes += project.note(headers)
        report = replace(
            template,
            compiler=version_in(run.object) or (None if run.stopped else _version_of(clang, env)),
            files=(*template.files, *user_files(headers, path, options)),
            notes=(*template.notes, *notes),
        )
    if run.object:
        return Compiled(
            run.object,
            replace(report, object=run.object, compiler_said=run.messages, compile_command=(clang, *used)),
        )
    if reason:
        left_out = "What else clang says of it is left out: it may follow from this."
        run = replace(run, messages=f"{reason}\n".encode(), notes=(left_out,))
    report = replace(
        report,
        data=run.messages,
        stage=Stage.COMPILER,
        verdict=Verdict.NO_ANSWER if run.stopped else Verdict.NOT_COMPILED,
        no_answer=f"clang was stopped: {run.stopped}" if run.stopped else "",
        notes=(*report.notes, *run.notes, *_around(run, project, options)),
    )
    return Compiled(None, report)


def _lacks(run: _Run, used: list[str], compiler: str, project: Project) -> str:
    """One message instead of clang's, where the source wants what is newer, or a header that is not here."""
    return newer.reason(run.messages, used, compiler, str(project.path)) or project.missing(run.messages)


def _part_of_more(run: _Run, project: Project) -> str:
    """One message instead of clang's, where the build says more, or the source is a part of another."""
    if reason := project.unset_macro(run.messages):
        return reason
    lacks = re.search(rb"unknown type name|undeclared|expected|incomplete", run.messages)
    whole = project.whole() if lacks else ""
    return f"{project.path}:1:1: error: this alone does not compile, and {whole} includes it" if whole else ""


def _around(run: _Run, project: Project, options: CaptureOptions) -> tuple[str, ...]:
    """What else can be said of a source that does not compile, by what is around it."""
    said = project.explains(run.messages) or lacking(run.messages)
    return said if run.stopped or options.edited else (*said, *project.unnamed())


_VMLINUX = b"'vmlinux.h' file not found"


def _wants_vmlinux(project: Project, options: CaptureOptions) -> bool:
    """Whether the source itself includes a vmlinux.h that is nowhere: then clang need not be asked first."""
    given = [flag[2:] for flag in project.flags.words if flag.startswith("-I")]
    folders = [str(project.path.parent), *given, *options.include_dirs]
    if any(os.path.isfile(os.path.join(folder, "vmlinux.h")) for folder in folders):
        return False
    text = read_source(project.path, options).text
    return bool(re.search(r'^[ \t]*#[ \t]*include[ \t]*["<]vmlinux\.h[">]', text, re.M))


def _vmlinux(project: Project, env: Mapping[str, str], scratch: str) -> tuple[Path | None, list[str]]:
    """The folder with our vmlinux.h, unless the project has its own; and what is missing to make one."""
    if project.looks_for("vmlinux.h"):
        return None, []
    if folder := vmlinux.cached():
        return folder, []
    folder, missing = vmlinux.generate(env, scratch)
    return folder, [missing] if missing else []


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the compiler."""

    object: bytes | None
    messages: bytes
    notes: tuple[str, ...] = ()
    stopped: str = ""  # why clang had no say: our limits, or somebody's signal, ended it


def _run(
    clang: str,
    texts: overlay.Texts,
    options: CaptureOptions,
    env: Mapping[str, str],
    folder: str,
    project: Project,
    generated: Path | None,
) -> _Run:
    """Run clang once, with its output in `folder`."""
    output = Path(folder, "object.o")
    output.unlink(missing_ok=True)
    dependencies = ["-MD", "-MF", str(Path(folder, "deps")), "-MT", "o"]
    given = [*flags(options, project, generated), *texts.flags, *dependencies]
    command = [clang, *given, "-c", *texts.source, "-o", str(output)]
    with open(Path(folder, "messages"), "w+b") as messages:
        process = processes.start(
            command,
            stdin=processes.DEVNULL,
            stdout=messages,
            stderr=messages,
            env={**env, "TMPDIR": folder, "LC_ALL": "C"},
            start_new_session=True,
        )
        processes.limit(process.pid, options.memory_mib, options.compile_seconds, _OUTPUT_MIB)
        done = False
        try:
            done = _watched(process, texts.path, options)
        finally:
            status = processes.kill(process)
        messages.seek(0)
        text = texts.renamed(messages.read(_MESSAGES))
    if stopped := _stopped(done, status, text, options):
        return _Run(None, text + _in_clangs_words(f"clang was stopped: {stopped}."), stopped=stopped)
    if status == 0 and output.is_file() and output.stat().st_size:
        return _Run(output.read_bytes(), text)
    if status == 0:
        return _Run(None, text, stopped="it ended without an error, but wrote no object")
    if status in (126, 127):
        reason = text.strip().rpartition(b"\n")[2].decode("utf-8", "replace")
        raise Problem(f"{clang} cannot be run: {reason}.", "Name another compiler with --clang.")
    if 0 < status <= 2 or b"error: error in backend: " in text:  # 1: in the source, 2: in the command
        return _Run(None, text)
    crash = processes.how_it_ended(_signal_or_status(status))
    sentence = f"clang crashed on this program: it {crash}."
    note = f"{sentence} That is a bug in clang: try another version."
    return _Run(None, text + _in_clangs_words(sentence), (note,))


def _watched(process: processes.Popen[bytes], path: Path, options: CaptureOptions) -> bool:
    """Whether clang ends in time. Raises Problem when it reads what has no end."""
    folders = [str(path.parent), *options.include_dirs]
    until = time.monotonic() + _CLOCK * options.compile_seconds
    while (left := until - time.monotonic()) > 0:
        if processes.ended(process, min(left, endless.LOOK_SECONDS)):
            return True
        endless.refuse(process.pid, str(path), folders)
    return False


def _in_clangs_words(sentence: str) -> bytes:
    """How a compiler ended that could not say so itself, so that there is a message to find a rule for."""
    return f"\nclang: error: {sentence}\n".encode()


def _stopped(done: bool, status: int, text: bytes, options: CaptureOptions) -> str:
    """Why clang could not come to an end; "" when it did, be it with an error or a crash of its own."""
    status = _signal_or_status(status)
    if -status == signal.SIGXCPU:
        return f"it had not finished after {options.compile_seconds} s of processor time"
    if not done:
        return f"it had not finished after {_CLOCK * options.compile_seconds} s"
    if not processes.stopped_from_outside(status, text):
        return ""
    limits = f"{options.memory_mib} MiB of memory and {_OUTPUT_MIB} MiB of output are what it may use"
    return f"it {processes.how_it_ended(status)} ({limits}, or what ulimit says)"


def _signal_or_status(status: int) -> int:
    """A shell or clang's driver turns a signal into a status: 137 is SIGKILL."""
    return status if status < 128 else 128 - status


def flags(options: CaptureOptions, project: Project, generated: Path | None = None) -> list[str]:
    """The flags for a source: ours, its project's, the user's, in this order so that the later ones win."""
    machine = os.uname().machine
    own = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-fno-color-diagnostics", "-fno-crash-diagnostics"]
    user = [f"-I{folder}" for folder in options.include_dirs] + [f"-D{name}" for name in options.defines]
    user += options.cflags
    unknown = re.compile(rf"-D__TARGET_ARCH_(?!(?:{'|'.join(_ARCHES.values())})\b)")  # …_amd64, from Go
    given = [*(word for word in project.flags.words if not unknown.match(word)), *user]
    own += warnings_wanted(given)
    if options.target_arch or not any("__TARGET_ARCH_" in flag for flag in given):
        own.append(f"-D__TARGET_ARCH_{options.target_arch or _ARCHES.get(machine, machine)}")
    multiarch = (
        f"/usr/include/{machine}-linux-gnu"  # asm/types.h lives there; -target bpf makes clang forget it
    )
    last = [folder for folder in (multiarch, str(generated) if generated else "") if os.path.isdir(folder)]
    own += [*given, *project.more_flags()]
    return own + [word for folder in last for word in ("-idirafter", folder)]


def warnings_wanted(given: Sequence[str]) -> list[str]:
    """The warnings that we ask for beside the `given` flags: none where one would end the compilation."""
    return [] if any(flag.startswith("-Werror") for flag in given) else ["-Wuninitialized"]


def _folders(used: Sequence[str]) -> Iterator[str]:
    """The folders in which a compilation with these flags looks for headers."""
    for word, following in zip(used, [*used[1:], ""], strict=True):
        for flag in ("-I", "-isystem", "-iquote", "-idirafter"):
            if word.startswith(flag):
                yield word[len(flag) :] or following
    yield from ("/usr/local/include", "/usr/include")


def find(options: CaptureOptions, env: Mapping[str, str]) -> str:
    """The compiler: --clang, else $CLANG, else `clang`, else the newest `clang-NN` on the path."""
    folders = [folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if folder]
    path = os.pathsep.join(folders)
    for asked, where in ((options.clang, "--clang"), (env.get("CLANG"), "$CLANG")):
        if asked:
            found = shutil.which(asked, path=path)
            if found:
                return found
            sentence = f"{where} names {asked}, which is not a program that can be run."
            raise Problem(sentence, "Name another one.")
    found = shutil.which("clang", path=path)
    if found:
        return found
    versions = [
        (int(name.removeprefix("clang-")), os.path.join(folder, name))
        for folder in folders
        for name in (os.listdir(folder) if os.path.isdir(folder) and os.access(folder, os.R_OK) else ())
        if re.fullmatch(r"clang-\d{1,3}", name)
    ]
    if versions:
        return max(versions)[1]
    raise Problem(
        "There is no clang to compile with.",
        install("clang"),
        "If it is there under another name, say so with --clang.",
    )


def version_in(elf: bytes | None) -> str | None:
    """The compiler's version as it stands in the object's debug information, which spares asking for it."""
    found = re.search(rb"clang version ([0-9][0-9A-Za-z.+-]{0,30})", elf or b"")
    return f"clang {found[1].decode()}" if found else None


def _version_of(clang: str, env: Mapping[str, str]) -> str | None:
    """The compiler's version as it says itself."""
    with tempfile.TemporaryFile() as output:
        process = processes.start(
            [clang, "--version"],
            stdin=processes.DEVNULL,
            stdout=output,
            stderr=processes.DEVNULL,
            env=dict(env),
            start_new_session=True,
        )
        processes.ended(process, 5)
        processes.kill(process)
        return version_in(os.pread(output.fileno(), 4096, 0))
