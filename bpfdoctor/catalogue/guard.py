"""What must be true of every rule in the catalogue; each thing that is not is one sentence.

`bpfdoctor dev check` prints the sentences, and a test demands that there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

from bpfdoctor.catalogue import match as matching
from bpfdoctor.catalogue import store
from bpfdoctor.catalogue.catalogue import AMBIGUOUS, LOOKED_FOR, UNKNOWN, Catalogue
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.page import SAID, program_file, programs, sessions, sessions_folder, wanting
from bpfdoctor.catalogue.samples import renderings
from bpfdoctor.catalogue.schema import Match, Rule, RuleError
from bpfdoctor.catalogue.words import TABLES
from bpfdoctor.model.diagnosis import INTERNAL_ERROR
from bpfdoctor.model.preflight import CAUSES
from bpfdoctor.model.remark import REMARK_RULES
from bpfdoctor.model.transcript import ErrorBlock

IDS = "ids.txt"
# The first digit of an id says where the rule's file is.
TOPICS = {
    "0": "lints",
    "1": "memory",
    "2": "registers",
    "3": "lifetime",
    "4": "calls",
    "5": "context",
    "6": "structure",
    "7": "limits",
    "8": "toolchain",
    "9": "silent",
}
SECTIONS = (
    re.compile(r"## What the (verifier|kernel|compiler|loader|log|hook|comment) (wants|says)"),
    re.compile(r"## Fails"),
    re.compile(r"## Loads"),
    re.compile(r"## When this advice does not fit"),
    re.compile(r"## More"),
)
_MOST_BLOCKS = 48  # renderings of one match that are tried
_ID_LINE = re.compile(r"(BD\d{3,4})  (\S+)(?:  (retired: .+))?")


def check(folder: Path) -> list[str]:
    """Everything that is wrong with the rules in `folder`, in order; [] when all is well."""
    try:
        stored = store.compile_folder(folder)
    except RuleError as error:
        return list(error.sentences)
    catalogue = Catalogue(stored, folder)
    return [
        *_ids(catalogue, folder),
        *_titles(catalogue),
        *(sentence for rule in catalogue.rules for sentence in _page(rule, folder)),
        *(sentence for rule in catalogue.rules for sentence in _texts(rule)),
        *(sentence for rule in catalogue.rules for sentence in _examples(rule, catalogue)),
        *(sentence for rule in catalogue.rules for sentence in _advice(rule, catalogue)),
        *_reached(catalogue),
        *equals(catalogue),
        *_newer(catalogue, folder),
    ]


def check_one(folder: Path, name: str) -> tuple[list[str], Catalogue | None]:
    """What is wrong with one rule by itself, and the catalogue of it alone (None: it could not be read).

    Only `check` tells whether another rule matches the same message, and whether a narrower rule is there.
    """
    try:
        catalogue = Catalogue(store.compile_folder(folder, name), folder)
    except RuleError as error:
        return list(error.sentences), None
    wrong = [
        *(each for each in _ids(catalogue, folder) if name in each and "has no page" not in each),
        *(sentence for rule in catalogue.rules for sentence in _page(rule, folder)),
        *(sentence for rule in catalogue.rules for sentence in _texts(rule)),
        *(sentence for rule in catalogue.rules for sentence in _examples(rule, catalogue)),
    ]
    return wrong, catalogue


def _newer(catalogue: Catalogue, folder: Path) -> Iterator[str]:
    """What later kernels accept is about rules that exist, and shown by cases."""
    names = {rule.name for rule in catalogue.rules}
    for entry, rules in store.read_newer(folder, []):
        where = f"rules/{store.NEWER}: [{entry['name']}]"
        for rule in rules:
            if rule not in names:
                yield f"{where}: there is no rule {rule}"
        if not entry["cases"]:
            yield f"{where}: no case shows it"
        for case in entry["cases"]:
            if not program_file(case).is_dir():
                yield f"{where}: there is no corpus/cases/{case}"
            elif case.split("/")[0] not in rules:
                yield f"{where}: {case} is not a case of {', '.join(rules)}"


def equals(catalogue: Catalogue) -> Iterator[str]:
    """Pairs of rules that the same message reaches at equal rank, each proved by such a message."""
    told: set[tuple[str, str]] = set()
    for rule in catalogue.rules:
        for match in rule.matches:
            for block in _blocks(match) if match.lines else ():
                hits = matching.look_up(catalogue.index, block)
                ranked = matching.ranked(catalogue.index, hits, (match.stage,), match.errno)
                top = [hit for hit in ranked if hit.rank == ranked[0].rank]
                names = tuple(sorted({catalogue.name(hit.rule) for hit in top}))
                if len(names) > 1 and names[:2] not in told:
                    told.add((names[0], names[1]))
                    yield f"{' and '.join(names)} both match at the same rank: {' / '.join(block)!r}"
    yield from _equal_errnos(catalogue)


def _equal_errnos(catalogue: Catalogue) -> Iterator[str]:
    seen: dict[tuple[str, int | None, int], str] = {}
    for rule in catalogue.rules:
        for match in rule.matches:
            if match.lines:
                continue
            other = seen.setdefault((match.stage, match.errno, match.priority), rule.name)
            if other != rule.name:
                yield f"{other} and {rule.name} both match errno {match.errno} ({match.stage})"


def _blocks(match: Match) -> Iterator[tuple[str, ...]]:
    yield from match.examples
    if match.lines:
        yield from islice(product(*(tuple(renderings(line)) for line in match.lines)), _MOST_BLOCKS)


def _reached(catalogue: Catalogue) -> Iterator[str]:
    """Every rule is reached by a message, by the evidence of another rule, or by what bpfdoctor lacks."""
    narrower = {name: rule.name for rule in catalogue.rules for name in _left_to(rule)}
    for rule in catalogue.rules:
        if (
            not rule.matches
            and not rule.advice
            and rule.name not in CAUSES  # preflight looks for it
            and rule.name not in (UNKNOWN, AMBIGUOUS, INTERNAL_ERROR, *LOOKED_FOR, *REMARK_RULES)
            and narrower.pop(rule.name, None) is None
        ):
            yield f"rules/{rule.topic}/{rule.name}.md: no [[match]] and no `becomes` elsewhere leads to it"
    for missing in narrower.keys() - {rule.name for rule in catalogue.rules}:
        yield f"{narrower[missing]}: becomes names {missing!r}, which is not a rule"


def _left_to(rule: Rule) -> Iterator[str]:
    """The narrower rules that have the answer for some of this one's findings."""
    for tables in (rule.said, rule.shared):
        found = [table for kind in TABLES for table in tables.get(kind, {}).values()]
        yield from (table["becomes"] for table in (*found, tables.get("always", {})) if "becomes" in table)


def _examples(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    where = f"rules/{rule.topic}/{rule.name}.md"
    for number, match in enumerate(rule.matches, 1):
        if match.lines and not match.examples:
            yield f"{where}: [[match]] {number}: examples is missing; give at least one real message"
        for example in match.examples:
            found = catalogue.find(ErrorBlock(example, match.stage, errno=match.errno))
            if found.rule != rule.name:
                yield f"{where}: [[match]] {number}: the example {' / '.join(example)!r} reaches {found.rule}"
        for block in islice(_blocks(match), 0 if match.when else _MOST_BLOCKS):
            if not matching.ranked(
                catalogue.index, matching.look_up(catalogue.index, block), (match.stage,), match.errno
            ):
                yield f"{where}: [[match]] {number}: does not match its own rendering {' / '.join(block)!r}"


def _advice(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    """Every advice is reached by the lines that it shows."""
    from bpfdoctor.log.wrappers import failure

    where = f"rules/{rule.topic}/{rule.name}.md"
    for number, advice in enumerate(rule.advice):
        if not advice.examples and not advice.classified and "maps" not in advice.kinds:
            yield f"{where}: [[advice]] {number + 1}: examples is missing; give a line that a loader prints"
        for example in advice.examples:
            said = failure.read(example)
            reached = said and catalogue.index.advice_for(said)
            if not reached or (catalogue.name(reached[0]), reached[1]) != (rule.name, number):
                other = f"{catalogue.name(reached[0])} {reached[1] + 1}" if reached else "nothing"
                read = f"{said.step}/{said.kind}/{said.errno_name}" if said else "no failure"
                yield f"{where}: [[advice]] {number + 1}: {example!r} ({read}) reaches {other}"


def _ids(catalogue: Catalogue, folder: Path) -> Iterator[str]:
    """Ids are never used again: rules/ids.txt remembers every one, also those of rules that are gone."""
    listed: dict[str, str] = {}
    names: dict[str, str] = {}
    for number, line in enumerate((folder / IDS).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not (found := _ID_LINE.fullmatch(line)):
            yield f"rules/{IDS}:{number}: not `BD123  rule-name` or `BD123  rule-name  retired: why`"
            continue
        id_, name, retired = found.groups()
        if id_ in listed:
            yield f"rules/{IDS}:{number}: {id_} was already given to {listed[id_]}"
        listed[id_] = name
        if not retired:
            names[name] = id_
    for rule in catalogue.rules:
        where = f"rules/{rule.topic}/{rule.name}.md"
        if names.pop(rule.name, None) != rule.id:
            yield f"{where}: rules/{IDS} does not give it this id; add the line `{rule.id}  {rule.name}`"
        if TOPICS.get(rule.id[2]) != rule.topic:
            yield f"{where}: ids of rules/{rule.topic}/ begin otherwise than {rule.id[:3]}"
    for name, id_ in names.items():
        yield f"rules/{IDS}: {id_} {name} has no page; write `retired: why` after it"
    if UNKNOWN not in {rule.name for rule in catalogue.rules}:
        yield f"there is no rule {UNKNOWN}"


def _titles(catalogue: Catalogue) -> Iterator[str]:
    seen: dict[str, str] = {}
    for rule in catalogue.rules:
        other = seen.setdefault(rule.title.lower(), rule.name)
        if other != rule.name:
            yield f"{other} and {rule.name} have the same title: {rule.title}"


def _texts(rule: Rule) -> Iterator[str]:
    """The texts that every answer needs, whatever the log shows."""
    where = f"rules/{rule.topic}/{rule.name}.md"
    if not rule.fixes and not rule.advice and not rule.classified:
        yield f"{where}: there is no [[fix]]"


def _page(rule: Rule, folder: Path) -> Iterator[str]:
    where = f"rules/{rule.topic}/{rule.name}.md"
    _, body = split((folder / rule.topic / f"{rule.name}.md").read_text(encoding="utf-8"), where)
    headings = [line for line in body.splitlines() if line.startswith("## ")]
    place = -1
    for section in SECTIONS:
        found = next(
            (i for i, heading in enumerate(headings) if i > place and section.fullmatch(heading)), None
        )
        if found is None:
            yield f"{where}: the page has no section {section.pattern!r} in its place"
            return
        place = found
    if not body.split("\n## ")[0].strip():
        yield f"{where}: the page does not begin with a sentence"
    shown = programs(body)
    for program in shown:
        if not program_file(program).is_file():
            yield f"{where}: there is no corpus/cases/{program}"
    for session in sessions(body):
        if session.split("/")[0] != rule.name or not (sessions_folder() / session / SAID).is_file():
            yield f"{where}: there is no corpus/loaders/{session} of this rule"
    shown += sessions(body)
    # What preflight finds no kernel refuses: tests attach its programs, and count what they see. Comments are
    # read by no kernel at all.
    if rule.name not in (*CAUSES, *REMARK_RULES) and bool(shown) == bool(wanting(body)):
        other = "shows a program and says why it has none" if shown else "shows no program of the corpus"
        yield f'{where}: the page {other}; {{{{ no_program("what it needs") }}}} is for what nobody can run'
