"""Takes off what loggers, the kernel's console, containers, CI systems and mail put before each line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_STAMP = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_LEVEL = rb"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL)"
_MONTH = rb"[A-Za-z\x80-\xff.]{3,9}"  # in any language: "Mai", "M\xc3\xa4r"
_CLOCK = rb"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_UNIT = rb"(?!\d++: )[\w./@-]{1,80}(?:\[\d{1,8}\])?: "

# One of each, as it stands before a line. All are narrow enough to go wherever they stand.
PREFIXES: tuple[tuple[str, bytes, bytes], ...] = (
    (
        "gh run view --log",
        rb"[^\t\n]{1,80}\t[^\t\n]{1,80}\t(?=\xef?\xbb?\xbf?" + _STAMP + rb")",
        b"build\tRun make test\t",
    ),
    (
        "a time stamp: GitHub and GitLab, docker -t, journalctl -o short-iso, tracing",
        _STAMP
        + rb"(?: \d\d[OE][ +]"
        + rb"| (?:stdout|stderr) [FP] "
        + rb"| [\w.-]{1,64} (?:[\w./@-]{1,80}\[\d{1,8}\]|kernel): "
        + rb"|[ \t]++"
        + _LEVEL
        + rb"[ \t]++(?:ThreadId\(\d{1,6}\) )?(?:[\w:.-]{1,100}: )?(?:[\w/.-]{1,120}\.rs:\d{1,6}: )?"
        + rb"|[ \t]|(?=\n|$))",
        b"2024-05-01T12:00:00.1234567Z ",
    ),
    (
        "a time stamp in brackets: env_logger, Jenkins",
        rb"\[" + _STAMP + rb"(?: ++" + _LEVEL + rb"(?: ++[\w:.-]{1,100})?)?\] ?",
        b"[2024-05-01T12:00:00Z ERROR loader::bpf] ",
    ),
    ("dmesg", rb"\[ {0,12}\d{1,7}\.\d{6}\](?:\[ {0,8}[TC]\d{1,8}\])?(?: |$)", b"[ 1234.567890] "),
    ("dmesg -T", rb"\[\w{3} \w{3} ++\d{1,2} \d\d:\d\d:\d\d \d{4}\] ", b"[Wed May  1 12:00:00 2024] "),
    ("the kernel's priority", rb"<\d{1,3}>", b"<6>"),
    (
        "slog",
        _MONTH + rb" [ \d]\d " + _CLOCK + rb" (?:CRIT|ERRO|WARN|INFO|DEBG|TRCE) ",
        b"May 01 12:00:00.123 ERRO ",
    ),
    (
        "syslog and journald",
        _MONTH + rb" [ \d]\d " + _CLOCK + rb" [\w.<>-]{1,64} " + _UNIT,
        b"May 01 12:00:00 host agent[812]: ",
    ),
    (
        "Go's log",
        rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:[\w./-]{1,100}\.go:\d{1,6}: )?",
        b"2024/05/01 12:00:00 main.go:27: ",
    ),
    (
        "klog and glog",
        rb"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{3,9} ++\d{1,8} [\w.-]{1,100}:\d{1,6}\] ?",
        b"E0501 12:00:00.123456   12345 loader.cpp:88] ",
    ),
    (
        "netdata",
        _STAMP + rb": [\w.-]{0,60} ?(?:INFO|ERROR|DEBUG|FATAL|NOTICE) {1,2}: [\w\[\] -]{1,60} : ",
        b"2024-05-01 12:00:00: ebpf.plugin ERROR : MAIN : ",
    ),
    (
        "suricata",
        rb"(?:\[\d{1,8}\] )?\d{1,2}/\d{1,2}/\d{4} -- \d\d:\d\d:\d\d - (?:\([^)\n]{1,80}\) )?<\w{1,10}>"
        rb" (?:\([^)\n]{1,80}\) )?-- ",
        b"[4201] 4/6/2019 -- 12:54:17 - <Error> -- ",
    ),
    ("logrus on a terminal", rb"(?:TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d{4,9}\] ", b"ERRO[0000] "),
    (
        "a program's name and process alone",
        rb"(?!systemd\[)[A-Za-z][\w.@-]{1,60}\[\d{2,8}\]: ",
        b"agent[3080]: ",
    ),
    ("a level alone", _LEVEL + rb"[ \t]++(?!llvm: )(?:\w{1,60}(?:::\w{1,60}){1,9}: )?(?=\S)", b"WARN "),
    (
        "a program's streams, by a harness",
        rb"(?:\[[\w .-]{0,40}\] )?(?:stderr|stdout): ",
        b"[agent] stderr: ",
    ),
    ("anyhow's chain", rb"\d{1,2}: (?=[\w./+-]{1,200}:\d{1,6}:\d{1,6}: (?:fatal )?error: )", b"1: "),
    (
        "seelog, as Datadog's agent has it",
        rb"(?:[A-Z]{3,4} )?\| [\w-]{1,40} \| " + _LEVEL + rb" \| (?:\([^)\n]{1,200}\) \| )?",
        b"UTC | SYS-PROBE | ERROR | (cmd/loader.go:39 in Register) | ",
    ),
    (
        "Calico",
        rb"\[" + _LEVEL + rb"\]\[\d{1,8}\] [\w/.-]{1,100}\.go \d{1,6}: ",
        b"[WARNING][103] felix/attach.go 164: ",
    ),
    ("docker compose", rb"[A-Za-z][\w.-]{0,80}[-_]\d{1,4} ++\| ", b"agent-1  | "),
    ("kubectl --prefix", rb"\[pod/[^\]\n]{1,200}\] ", b"[pod/agent-x7k2p/agent] "),
    ("GitHub Actions", rb"##\[\w{1,20}\]", b"##[error]"),
    ("GitHub annotations", rb"::(?:error|warning|notice|debug)(?: [^:\n]{0,200})?::", b"::error::"),
    ("Jenkins and ts", _CLOCK + rb" {1,2}", b"12:00:00  "),
    # The kernel's own report has rows like ">>> 29 | return 0;".
    ("a quoted mail or answer", rb">(?!>> ++\d* *\|) ?", b"> "),
    ("cat -n", rb" *+\d{1,8}\t", b"    12\t"),
    ("grep -n", rb"\d{1,8}[:-](?=\d{1,8}: (?:\([0-9a-f]{2}\)|R\d|frame))", b"12:"),
)


def _in_front(patterns: Iterable[bytes]) -> re.Pattern[bytes]:
    """Any of these, also one after the other. Beginning with a newline makes the search much faster."""
    return re.compile(
        rb"\n[ \t]*+(?>(?:" + b"|".join(rb"(?:" + pattern + rb")" for pattern in patterns) + rb")+)"
    )


_TIME = rb"\d\d:\d\d:\d\d"  # in most of them: where a text has none, half of the pattern need not be compiled
_UNTIMED = tuple(pattern for _, pattern, _ in PREFIXES if _TIME not in pattern)


def found(text: bytes) -> bool:
    timed = re.search(_TIME, text) is not None
    patterns = [pattern for _, pattern, _ in PREFIXES] if timed else _UNTIMED
    return _in_front(patterns).search(b"\n" + text) is not None


def stripper(excerpt: bytes) -> Callable[[bytes], bytes]:
    """Takes off the prefixes that stand in the excerpt, also where several stand one after the other."""
    seen: list[bytes] = []
    rest = b"\n" + excerpt
    for _ in PREFIXES:
        # What one prefix hides shows when it is gone.
        new = [p for _, p, _ in PREFIXES if p not in seen and _in_front([p]).search(rest)]
        if not new:
            break
        seen = [p for _, p, _ in PREFIXES if p in seen or p in new]
        rest = _in_front(seen).sub(b"\n", rest)
    pattern = _in_front(seen)
    return lambda text: pattern.sub(b"\n", b"\n" + text)[1:]
