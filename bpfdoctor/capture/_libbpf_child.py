"""The child that loads an object's programs with libbpf so that no refusal hides another; never attaches."""

from __future__ import annotations

import ctypes as ct
import errno
import os

from bpfdoctor.capture import _loader_settings, privileges
from bpfdoctor.capture._child_io import Conversation, Room
from bpfdoctor.capture._libbpf_abi import Libbpf, OpenOptions
from bpfdoctor.capture._limits import ALL_PATHS, TRACE_LEVEL

_SHORT_LOG = 1 << 16  # level 4 prints the message and the statistics, a few hundred bytes
_ERRORS_AND_STATISTICS = 4  # log level 4 is cheap, and keeps the verifier's own errno
_PERCPU = {5, 6, 10, 21}  # percpu hash, percpu array, lru percpu hash, percpu cgroup storage
_RINGBUF, _USER_RINGBUF = 27, 31


class Listed:
    """One program as libbpf sees it."""

    __slots__ = ("assumed", "index", "name", "section", "type")

    def __init__(self, index: int, name: str, section: str) -> None:
        self.index, self.name, self.section = index, name, section
        self.type = "unspec"
        self.assumed: tuple[int, int, str] | None = None  # (type, attach type, why), where libbpf has none


class Loader:
    """Opens the object afresh for every attempt: a loaded bpf_object cannot be loaded again."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.bpf = Libbpf()
        self.lib = self.bpf.lib
        self.elf = ct.create_string_buffer(talk.payload, len(talk.payload))
        self.name = os.fsencode(talk.request["object_name"])
        self.override: str | None = talk.request["prog_type"]
        self.listed: list[Listed] = []
        self.verified: dict[int, list[tuple[int, int]]] = {}  # by program: the lines that the kernel kept

    def open(self) -> int | None:
        """The object's handle; None when libbpf cannot read it (`lines` say why)."""
        self.bpf.lines.clear()
        options = OpenOptions(ct.sizeof(OpenOptions), self.name)
        handle: int | None = self.lib.bpf_object__open_mem(
            self.elf, len(self.talk.payload), ct.byref(options)
        )
        return handle

    def list_programs(self, obj: int) -> int:
        """Remember the object's programs and tell the parent about them; the size of the maps in MiB."""
        override = self.override and self.bpf.type_by_name(self.override)
        for index, program in enumerate(self.bpf.programs(obj)):
            listed = Listed(
                index,
                (self.lib.bpf_program__name(program) or b"").decode("utf-8", "replace"),
                (self.lib.bpf_program__section_name(program) or b"").decode("utf-8", "replace"),
            )
            number = override[0] if override else self.lib.bpf_program__type(program)
            if not number:
                context = _loader_settings.context_of(self.talk.payload, listed.name)
                listed.assumed = _loader_settings.type_of(self.bpf, listed.section, context)
                number = listed.assumed[0] if listed.assumed else 0
            listed.type = (self.lib.libbpf_bpf_prog_type_str(number) or b"unspec").decode()
            self.listed.append(listed)
        sized = _loader_settings.size_maps(self.bpf, obj)
        map_mib = self.map_mib(obj)
        programs = [[p.name, p.section, p.type, p.assumed[2] if p.assumed else None] for p in self.listed]
        self.talk.say("programs", programs=programs, map_mib=map_mib, notes=sized)
        return map_mib

    def map_mib(self, obj: int) -> int:
        """About how much memory the kernel will set aside for the object's maps, in MiB."""
        total = 0
        for bpf_map in self.bpf.maps(obj):
            kind = self.lib.bpf_map__type(bpf_map)
            entries = self.lib.bpf_map__max_entries(bpf_map)
            value = self.lib.bpf_map__value_size(bpf_map) * ((os.cpu_count() or 1) if kind in _PERCPU else 1)
            each = 1 if kind in (_RINGBUF, _USER_RINGBUF) else self.lib.bpf_map__key_size(bpf_map) + value
            total += entries * each
        return total >> 20

    def prepare(self, obj: int, wanted: set[int]) -> dict[int, int]:
        """Set up an opened object to load only `wanted`, to pin nothing; handles by index."""
        for bpf_map in self.bpf.maps(obj):
            self.lib.bpf_map__set_pin_path(bpf_map, None)
        _loader_settings.size_maps(self.bpf, obj)
        _loader_settings.make_inner_maps(self.bpf, obj)
        handles = {}
        for index, program in enumerate(self.bpf.programs(obj)):
            self.lib.bpf_program__set_autoload(program, index in wanted)
            if index in wanted:
                handles[index] = program
                if self.override:
                    self.set_type(program, self.override)
                elif assumed := self.listed[index].assumed:
                    self.lib.bpf_program__set_type(program, assumed[0])
                    self.lib.bpf_program__set_expected_attach_type(program, assumed[1])
        return handles

    def set_type(self, program: int, name: str) -> None:
        """Give a program the type that --prog-type names: `xdp`, `sched_cls`, `fentry/do_unlinkat`."""
        found = self.bpf.type_by_name(name)
        if not found:
            return  # the parent asked before it started us
        self.lib.bpf_program__set_type(program, found[0])
        self.lib.bpf_program__set_expected_attach_type(program, found[1])
        kind, _, target = name.partition("/")
        if target and kind.removesuffix(".s") in (
            "fentry",
            "fexit",
            "fmod_ret",
            "lsm",
            "tp_btf",
            "iter",
            "freplace",
        ):
            self.lib.bpf_program__set_attach_target(program, 0, target.encode())

    def load_all(self, indexes: list[int], alone: bool) -> None:
        """Load every program: together while that works, one by one where libbpf names no culprit."""
        groups = [[index] for index in indexes] if alone else [indexes]
        while groups:
            rest = self.load(groups.pop(0))
            if rest is None:
                return
            groups = rest + groups

    def load(self, indexes: list[int]) -> list[list[int]] | None:
        """Load some programs and report on them. What is still to be loaded, None when nothing can be."""
        self.talk.say("loading", indexes=indexes)
        obj = self.open()
        if not obj:
            self.whole_object(-ct.get_errno())
            return None
        handles = self.prepare(obj, set(indexes))
        logs = {index: ct.create_string_buffer(_SHORT_LOG) for index in indexes}
        for index, program in handles.items():
            self.lib.bpf_program__set_log_level(program, _ERRORS_AND_STATISTICS)
            self.lib.bpf_program__set_log_buf(program, logs[index], _SHORT_LOG)
        result = self.lib.bpf_object__load(obj)
        if result == 0 and self.talk.request["lines"]:
            self.verified = {index: self.bpf.lines_of(program) for index, program in handles.items()}
        self.lib.bpf_object__close(obj)
        lines = list(self.bpf.lines)
        refused = next((i for i in indexes if _has(lines, self.refusal(i))), None)
        if result == 0:
            self.loaded(indexes, logs)
        elif refused is not None:
            at = indexes.index(refused)
            self.loaded(indexes[:at], logs)
            self.refused(refused, -result, logs[refused].value, lines)
            return [indexes[at + 1 :]] if indexes[at + 1 :] else []
        elif len(indexes) > 1 and _has(lines, "prog '"):
            return [[index] for index in indexes]
        elif len(indexes) == 1 and b"processed " in logs[indexes[0]].value:
            # The verifier accepted it; libbpf stumbled later, over programs we left out (slots of an array).
            self.loaded(indexes, logs)
        elif len(indexes) == 1 and _has(lines, f"prog '{self.listed[indexes[0]].name}'"):
            self.not_loaded(indexes[0], -result, lines)
        else:
            self.whole_object(result)
            return None
        return []

    def refusal(self, index: int) -> str:
        """libbpf's line about a program that the kernel refused begins like this."""
        return f"prog '{self.listed[index].name}': BPF program load failed"

    def without_others(self, lines: list[str], index: int) -> list[str]:
        """libbpf's lines without those about other programs of the object."""
        names = {p.name for p in self.listed if p.index != index} - {self.listed[index].name}
        return [line for line in lines if line.split("'")[1:2] == [] or line.split("'")[1] not in names]

    def refused(self, index: int, error: int, short: bytes, lines: list[str]) -> None:
        """Report a refusal with the verifier's trace."""
        if not short and error != errno.ENOSPC:
            return self.not_loaded(index, error, self.without_others(lines, index), silent=True)
        result, room = self.traced(index)
        if result == 0 or room.log_length() == 0:  # it is refused only in company, or memory ran out
            self.talk.keep(room)
            log, loads_alone = self.talk.store(short), result == 0
            return self.judged(index, "refused", error, log, loads_alone=loads_alone)
        cut = result == -errno.ENOSPC
        return self.judged(index, "refused", error, self.talk.keep(room), cut=cut)

    def traced(self, index: int) -> tuple[int, Room]:
        """Load one program alone with the verifier's trace: libbpf's answer, and where the trace is."""
        room = self.talk.room()
        obj = self.open()
        result = 0
        if obj:
            level = ALL_PATHS if self.talk.request["all_paths"] else TRACE_LEVEL
            program = self.prepare(obj, {index})[index]
            self.lib.bpf_program__set_log_level(program, level)
            self.lib.bpf_program__set_log_buf(program, room.address, room.size)
            result = self.lib.bpf_object__load(obj)
            self.lib.bpf_object__close(obj)
        return result, room

    def loaded(self, indexes: list[int], logs: dict[int, ct.Array[ct.c_char]]) -> None:
        """Report programs that load, with the statistics, or with all paths where that is asked."""
        for index in indexes:
            log = self.all_paths(index) if self.talk.request["all_paths"] else None
            self.judged(index, "loads", None, log or self.talk.store(logs[index].value))

    def all_paths(self, index: int) -> tuple[int, int] | None:
        """Where the log of all paths is; None where it is too long, or the program loads in company only."""
        result, room = self.traced(index)
        log = self.talk.keep(room)
        return log if result == 0 and log[1] else None

    def judged(
        self,
        index: int,
        verdict: str,
        error: int | None,
        log: tuple[int, int],
        cut: bool = False,
        loads_alone: bool = False,
    ) -> None:
        """Tell the parent what the verifier said of a program."""
        facts = {"errno": error, "cut": cut, "loads_alone": loads_alone}
        reached = self.verified.get(index, [])
        self.talk.say("program", index=index, verdict=verdict, log=log, lines=reached, **facts)

    def not_loaded(self, index: int, error: int, lines: list[str], silent: bool = False) -> None:
        """Tell the parent of a program that no verifier looked at. `silent`: the kernel was asked."""
        words = self.talk.store("".join(lines).encode())
        self.talk.say("not_loaded", index=index, errno=error, words=words, silent=silent)

    def whole_object(self, result: int) -> None:
        """Tell the parent that no program reached the verifier: the object, its maps or its BTF failed."""
        lines = self.bpf.lines if self.bpf.has_warned else [*self.bpf.lines, *self.bpf.whispered]
        self.talk.say("object", errno=-result, where=self.talk.store("".join(lines).encode()))


def _has(lines: list[str], text: str) -> bool:
    return any(text in line for line in lines)


def main() -> None:
    """Load what the request names."""
    talk = Conversation()
    try:
        loader = Loader(talk)
    except (OSError, AttributeError) as error:
        return talk.say("missing", what=str(error))
    override = talk.request["prog_type"]
    if override and not loader.bpf.type_by_name(override):
        return talk.say("unknown_type", name=override)
    privileges.drop(talk.request["capabilities"])
    obj = loader.open()
    if not obj:
        return loader.whole_object(-ct.get_errno())
    map_mib = loader.list_programs(obj)
    loader.lib.bpf_object__close(obj)
    wanted: list[int] | None = talk.request["indexes"]
    names: list[str] = talk.request["names"]
    indexes = [
        p.index
        for p in loader.listed
        if (wanted is None or p.index in wanted) and (not names or p.name in names)
    ]
    if talk.request["load"] and indexes and map_mib <= talk.request["memory_mib"]:
        loader.load_all(indexes, talk.request["alone"])
    return None
