"""The corpus's programs with one small mistake each, which nobody tuned for, and what kernels say of them.

    python -m scripts.mutants DIR [--most 1200] [--per 6] [--seed 1] [--kernels 7.3,5.10.218]

A mutant lacks a check, a statement or an initial value, compares the other way round, counts one too far,
or passes another argument. Those that are refused are stored in DIR as program, object and log;
`python scripts/accuracy.py --kernel-logs DIR` measures on them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree_sitter
import tree_sitter_c

from bpfdoctor.capture import clang
from bpfdoctor.lab import kernels, pool
from bpfdoctor.lab.printed import printed
from bpfdoctor.lab.results import Loaded, Request
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage

CASES = Path(__file__).resolve().parent.parent / "corpus" / "cases"
SLOW = "program-too-large"  # a spent budget takes minutes
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
LARGEST = 3_000_000  # bytes of a log that is stored
AT_ONCE = 200  # objects handed to the lab in one go

Mutant = tuple[str, bytes]  # what was done, the text


def mutants(text: bytes) -> Iterator[Mutant]:
    """Every mutant of one program; which of several variants of a place is left to `random`."""
    plain = re.sub(rb'SEC\("[^"]*"\)', lambda found: b" " * len(found[0]), text)
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
    for node in _below(parser.parse(plain).root_node):
        for what, new, place in _changes(node, text):
            yield what, text[: place.start_byte] + new + text[place.end_byte :]


def _below(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from _below(child)


def _changes(node: tree_sitter.Node, text: bytes) -> Iterator[tuple[str, bytes, tree_sitter.Node]]:
    def of(part: tree_sitter.Node | None) -> bytes:
        return text[part.start_byte : part.end_byte] if part else b""

    parent = node.parent.type if node.parent else ""
    match node.type:
        case "if_statement" if condition := node.child_by_field_name("condition"):
            yield "del-if", b"", node
            yield "if-0", b"(0)", condition
            yield "if-not", b"(!" + of(condition) + b")", condition
        case "expression_statement":
            yield "del-stmt", b";", node
        case "return_statement":
            yield "del-return", b";", node
        case "init_declarator":
            value = node.child_by_field_name("value")
            if value and value.type in ("initializer_list", "number_literal"):
                yield "del-init", of(node.child_by_field_name("declarator")), node
        case "sizeof_expression":
            yield "sizeof+8", b"(" + of(node) + b" + 8)", node
            yield "sizeof=4", b"4", node
        case "number_literal" if re.fullmatch(rb"\d+|0x[0-9a-f]+", of(node)) and parent.endswith(
            ("expression", "list", "declarator")
        ):
            written = int(of(node), 0)
            for number in {written + 1, written - 1, written * 16 + 64, -written} - {written}:
                yield "number", str(number).encode(), node
        case "binary_expression":
            yield from _operators(node, of)
        case "argument_list":
            given = node.named_children
            for argument in given:
                yield "arg-0", b"0", argument
            if len(given) > 1:
                one, other = random.sample(given, 2)
                yield "same-arg", of(other), one


def _operators(
    node: tree_sitter.Node, of: Callable[[tree_sitter.Node | None], bytes]
) -> Iterator[tuple[str, bytes, tree_sitter.Node]]:
    operator = node.child_by_field_name("operator")
    if operator is None:
        return
    if operator.type in COMPARISONS:
        others = [each for each in COMPARISONS if each != operator.type]
        yield "cmp", random.choice(others).encode(), operator  # noqa: S311
    if operator.type in ("+", "-", "&", "|", "||", "&&"):
        yield "drop-right", of(node.child_by_field_name("left")), node
    if operator.type in ("||", "&&"):
        yield "drop-left", of(node.child_by_field_name("right")), node


def compiled(program: Path, includes: Path) -> bytes | None:
    """The object of a mutant, kept beside it; None when it does not compile."""
    options = CaptureOptions(include_dirs=(str(includes),), cflags=("-w",), compile_seconds=30)
    template = RawReport(b"", str(program), Flavour.LIBBPF, Stage.COMPILER)
    data = clang.compile_c(template, program, options).object
    if data is not None:
        program.with_name(program.name.replace(".bpf.c", ".o")).write_bytes(data)
    return data


def chosen(out: Path, per: int, most: int) -> list[tuple[Path, Path]]:
    """(mutant, folder of its case), at most `most`, written into `out`."""
    found = [*_found(out, per)]
    jobs = sorted(random.sample(found, min(most, len(found))))
    for program, text, _ in jobs:
        program.write_bytes(text)
    return [(program, case) for program, _, case in jobs]


def _found(out: Path, per: int) -> Iterator[tuple[Path, bytes, Path]]:
    """(mutant, its text, folder of its case)."""
    for source in sorted(CASES.glob("*/*/*.bpf.c")):
        if SLOW in source.parts:
            continue
        found = list(mutants(source.read_bytes()))
        random.shuffle(found)
        for what, text in found[:per]:
            name = f"{source.parent.parent.name}~{source.parent.name}~{source.name.split('.')[0]}~{what}"
            program = out / f"{name}~{hashlib.sha256(text).hexdigest()[:6]}.bpf.c"
            yield program, text, source.parent


def main() -> None:
    """Writes the mutants, compiles them, loads them, keeps the logs of the refused."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("out", type=Path, metavar="DIR")
    asked.add_argument("--most", type=int, default=1200, help="mutants in all (default 1200)")
    asked.add_argument("--per", type=int, default=6, help="mutants of each program (default 6)")
    asked.add_argument("--seed", type=int, default=1, help="another seed, other mutants")
    asked.add_argument("--kernels", default="7.3", help="of the lab (default 7.3)")
    options = asked.parse_args()
    random.seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        jobs = chosen(options.out, options.per, options.most)
        objects = threads.map(lambda job: compiled(*job), jobs)
        built = [(program, data) for (program, _), data in zip(jobs, objects, strict=True) if data]
    print(f"{len(jobs)} mutants, {len(built)} compile", flush=True)
    refused = 0
    with pool.Lab() as lab:
        for start in range(0, len(built), AT_ONCE):
            part = built[start : start + AT_ONCE]
            requests = [Request(data, name=program.name.split("~")[0], seconds=10) for program, data in part]
            results = lab.run(kernels.resolve(options.kernels.split(","), print), requests)
            for at, result in enumerate(results):
                program = part[at % len(part)][0]
                for each in result.programs:
                    if isinstance(each, Loaded) and each.verdict == "refused" and len(each.log) < LARGEST:
                        stem = program.name.removesuffix(".bpf.c")
                        log = f"{stem}.{each.program.name}.{result.kernel.version}-l1.log"
                        (options.out / log).write_bytes(printed(each))
                        refused += 1
    print(f"{refused} refusals")


if __name__ == "__main__":
    main()
