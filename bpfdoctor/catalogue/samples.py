"""Renderings of a template: lines it certainly matches, to prove that no other rule claims them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bpfdoctor.catalogue.template import TemplateField, parse

MOST = 24  # renderings of one template
_SAMPLES = {
    "int": ("7", "-16"),
    "hex": ("0x1f",),
    "num": ("512",),
    "reg": ("R3",),
    "arg": ("R3",),
    "tnum": ("(0x0; 0xff)",),
    "word": ("bpf_thing",),
    "name": ("bpf_thing",),
    "type": ("scalar", "map_value"),
    "path": ("prog.bpf.c",),
    "text": ("some words",),
    "any": (" some words ", ""),
    "rest": ("some words",),
}


def renderings(template: str) -> Iterator[str]:
    """Up to MOST lines that the template matches, each value at its samples, each alternative once."""
    parts = parse(template)
    ways = [
        [part] if isinstance(part, str) else _samples(part, parts, number)
        for number, part in enumerate(parts)
    ]
    for number, chosen in enumerate(product(*ways)):
        if number == MOST:
            return
        yield "".join(chosen)


def _samples(field: TemplateField, parts: tuple[str | TemplateField, ...], number: int) -> list[str]:
    if field.choices:
        return list(field.choices)
    samples = list(_SAMPLES[field.kind])
    before = parts[number - 1] if number else ""
    if field.kind == "reg" and isinstance(before, str) and before.endswith("R"):
        return [sample.removeprefix("R") for sample in samples]
    # A name bound twice has one value, so one sample is all it gets.
    return (
        samples[:1]
        if sum(isinstance(p, TemplateField) and p.name == field.name for p in parts) > 1
        else samples
    )
