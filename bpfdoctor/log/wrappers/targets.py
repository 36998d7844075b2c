"""What a loader's line is about by name: the program, the map, and the function, device or file it names."""

from __future__ import annotations

import re

from bpfdoctor.log.wrappers import places
from bpfdoctor.log.wrappers.contract import Phrase
from bpfdoctor.log.wrappers.words import KINDS, Word, words_of
from bpfdoctor.pattern import later

# "attaching kprobe sys_foo: …", as Go's chains have it; "to kprobe sys_foo", as BCC for Python 2 had it
_NAMED_PROBE = later(
    r"\b(?:(?:kprobe|kretprobe|uprobe|uretprobe|tracepoint|fentry|fexit|lsm):? |func(?:tion)?=)"
    r"(?!perf|event|multi|link|program|via|type)([A-Za-z_][\w.]{2,100})(?=: |, it's not |$)"
)
_PROBE = later(r"(?:k|u)(?:ret)?probe:|(?:raw)?tracepoint:|fentry:|fexit:|kfunc:|kretfunc:|[kut]r?:")
_OPENED = later(r"\bto open (?:object file:? )?'?([\w./+-]{1,200}\.(?:o|elf|skel|bpf))\b(?=['\s:]|$)")
_NAME_FIELD = later(r"\bname: [\"']([\w.-]{1,64})[\"']")  # of a Rust or libbpf value
# "attach XDP to eth0": names of devices end in a number, words do not
_ON_DEVICE = later(r"(?i:\bxdp\b[\w ]{0,30}? (?:to|on) )([a-z][\w.-]{0,13}\d[\w.@-]{0,5}|lo)\b(?!:)")
_LOADED_NAME = later(r"\bfailed to load ([a-z]\w{0,60}_\w{1,60})(?=[,:])")
_CREATED_MAP = later(
    r"\bopen bpf map:? (?-i:([A-Za-z_]\w{0,60})), error|"
    r"\bcreat(?:e|ing) (?:the |a )?(?:e?bpf )?map [`'\"]?([A-Za-z_.][\w.]{1,60})[`'\"]?(?=: |$| \()",
    re.IGNORECASE,
)
_WRITTEN = later(r"[pr]\d{0,6}:\S{1,200} ([\w.:/+]{1,200})")  # what is written into kprobe_events
_EVENT = later(r"\bevent ([a-z]\w{2,40}/[a-z]\w{2,60})\b")
_EVENT_FILE = later(r"/events/(\w+/\w+)(?:/id)?$")
_CALL = later(
    r"^[`'\"](?:bpf|perf)_\w+[`'\"]$|::|^`\w+::|Result::|^`(?:Err|Ok|None)`$"
)  # quoted, and no target
_COMMAND = later(r"\[[^\[\]\n]{0,40}/[\w./-]{1,200} [^\[\]\n]{1,600}\]")
_RECORD = later(r"\{[^{}\n]{0,40}\"[\w-]{1,60}\": [^{}\n]{1,600}\}")
_LONGEST_NAME = 100
_WORDS_OF_A_COMMAND = 3
_QUOTES = "'\"`"


def kind_of_probe(probe: str) -> str:
    """`kretprobe:vfs_read` is a kprobe."""
    word = re.split("[:/]", probe, maxsplit=1)[0]
    found = [each.what for each in words_of(word) if each.what in KINDS]
    return found[0] if found else {"tp": "tracepoint", "rawtracepoint": "raw_tracepoint"}.get(word, "")


def program(line: str, words: list[Word]) -> str:
    """The program that a line names."""
    loaded = _LOADED_NAME.search(line)
    return _named(words, "program") or (loaded[1] if loaded else "")


def map_name(line: str, words: list[Word]) -> str:
    """The map that a line names."""
    created = _CREATED_MAP.search(line)
    return _named(words, "map") or (created[1] or created[2] if created else "")


def _named(words: list[Word], what: str) -> str:
    found = next((word.text for word in reversed(words) if word.what == what), "")  # of the innermost link
    return _bare(re.split("[ =]", found, maxsplit=1)[-1]) if found else ""


def _bare(text: str) -> str:
    for word in ("prog", "program", "map"):
        text = text.removeprefix(f"{word} ").removeprefix(f"{word}: ")
    text = text.strip()
    if text[:2] in ("b'", 'b"'):
        text = text[1:]
    return text.strip(_QUOTES)


def target(line: str, words: list[Word], phrase: Phrase | None) -> str:
    """What the step was about, by name: a function, a device, an event, a file."""
    if phrase is not None and phrase.names_target:
        behind = line[line.lower().index(phrase.words) + len(phrase.words) :].split()
        if behind:
            return _bare(behind[0].rstrip(":,"))
    for what in ("probe", "device"):
        if (found := next((word.text for word in words if word.what == what), "")) and what == "probe":
            return re.split("[:/]", found, maxsplit=1)[1].rstrip(":.")
        if found:
            value = _bare(found.replace("=", " ").replace(":", " ").partition(" ")[2].strip())
            return f"ifindex {value}" if value.isdigit() else value
    if (device := _ON_DEVICE.search(line)) is not None:
        return device[1]
    if (opened := _OPENED.search(line)) is not None:
        return opened[1]
    if (named := _NAMED_PROBE.search(line) or _NAME_FIELD.search(line)) is not None:
        return named[1]
    if (event := _EVENT.search(line)) is not None:
        return event[1]
    names = _without_commands(line, words)
    quoted = [at for at, word in enumerate(words) if word in names and not _CALL.search(word.text)]
    behind_kind = [at for at in quoted if at and words[at - 1].what in KINDS]
    found = _bare(words[(behind_kind or quoted)[0]].text) if quoted else ""
    if len(found) > _LONGEST_NAME:
        found = "…" + found[-_LONGEST_NAME:]  # a path's end says more
    if written := _WRITTEN.match(found):
        return written[1]
    if probe := _PROBE.match(found):
        found = found[probe.end() :]
    event = _EVENT_FILE.search(found)
    return event[1] if event else found.removesuffix("+0x0")


def place(words: list[Word]) -> str:
    """The first path of a line that says of itself which step it belongs to."""
    paths = (_bare(word.text) for word in words if word.what in ("quoted", "path"))
    return next((path for path in paths if path.startswith("/") and places.of(path)), "")


def _without_commands(line: str, words: list[Word]) -> list[Word]:
    """The quoted words and paths that are no command line (`[/bin/sh -c …]`), and no keys of a record."""
    commands = " ".join((*_COMMAND.findall(line), *_RECORD.findall(line)))
    names = [word for word in words if word.what in ("quoted", "path") and word.text not in commands]
    return [word for word in names if word.text.count(" ") < _WORDS_OF_A_COMMAND]
