"""The template language: what each kind takes, what is refused, and that no input makes it slow."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.catalogue.samples import renderings
from bpfdoctor.catalogue.template import KINDS, TemplateError, bind, compile_template, one_spaced


def read(template: str, line: str) -> dict[str, Any] | None:
    return bind(compile_template(template), one_spaced(line))


@pytest.mark.parametrize(
    ("template", "line", "values"),
    [
        ("{reg:reg} !read_ok", "R3 !read_ok", {"reg": "r3"}),
        ("R{reg:reg} !read_ok", "R10 !read_ok", {"reg": "r10"}),
        ("{reg:arg} !read_ok", "*(R11-8) !read_ok", {"reg": "*(R11-8)"}),
        ("{a:arg} expected pointer to ctx", "arg#1 expected pointer to ctx", {"a": "arg#1"}),
        ("off {off:int}+{more:int} size {size:int}", "off -16+0 size 4", {"off": -16, "more": 0, "size": 4}),
        ("0+{a:int}+{b:int}", "0+-31+0", {"a": -31, "b": 0}),
        ("magic: {m:hex}", "magic: 0xeb9f", {"m": 0xEB9F}),
        ("opcode {m:hex}", "opcode 8d", {"m": 0x8D}),
        ("size {n:num}", "size 0x200", {"n": 512}),
        ("var_off={v:tnum} off={o:int}", "var_off=(0x0; 0xff) off=8", {"v": "(0x0; 0xff)", "o": 8}),
        ("func {f:word}#{id:int}", "func bpf_sk_release#86", {"f": "bpf_sk_release", "id": 86}),
        ("map '{map:name}' has", "map '.bss.A' has", {"map": ".bss.A"}),
        ("to {t:type} but", "to struct foo * but", {"t": "struct foo *"}),
        ("'{file:path}' file not found", "'vmlinux.h' file not found", {"file": "vmlinux.h"}),
        ("At {where:text} the register", "At program exit the register", {"where": "program exit"}),
        ("invalid{how:any} stack", "invalid read from stack", {"how": "read from"}),
        ("invalid{how:any} stack", "invalid stack", {"how": ""}),
        ("expected={what:rest}", "expected=fp, pkt", {"what": "fp, pkt"}),
        ("expected={what:rest}", "expected=", {"what": ""}),
        ("mem access '{k:one(inv|scalar)}'", "mem access 'scalar'", {"k": "scalar"}),
        ("invalid{how:one( indirect|)} read", "invalid read", {"how": ""}),
        (r"use bpf_\{list_head,rb_root\} yet", "use bpf_{list_head,rb_root} yet", {}),
        (r"{what:one(BPF_LD_[ABS\|IND]|tail_call)} is", "BPF_LD_[ABS|IND] is", {"what": "BPF_LD_[ABS|IND]"}),
        ("from {a:int} to {b:int}{how:any}: safe", "from 6 to 8: safe", {"a": 6, "b": 8, "how": ""}),
        ("fp{a:int}{b:int}", "fp-8+4", {"a": -8, "b": 4}),
        ("{_:int} insns of {n:int}", "5 insns of 6", {"n": 6}),
        ("\t{name:word}  type_id={id:int}", "  next type_id=4 ", {"name": "next", "id": 4}),
    ],
)
def test_each_kind_binds_a_typed_value(template: str, line: str, values: dict[str, Any]) -> None:
    assert read(template, line) == values


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{reg:reg} !read_ok", "R3 !read_ok and more"),
        ("size {n:int}", "size many"),
        ("mem access '{k:one(inv|scalar)}'", "mem access 'ctx'"),
        ("func {f:word}#1", "func two words#1"),
        ("R{reg:reg} type, R{reg:reg} wanted", "R1 type, R2 wanted"),
    ],
)
def test_a_line_that_does_not_fit_binds_nothing(template: str, line: str) -> None:
    assert read(template, line) is None


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{reg}", "makes no sense from '}'"),
        ("one {brace", "it ends too early"),
        ("ends {a:int", "a value is {name:kind}"),
        ("closing } brace", "a brace is"),
        ("{a:number}", "there is no kind 'number'; kinds are any, arg"),
        ("{a:word}{b:word}", "nothing says where {a:word} ends"),
        ("{a:word}{b:one(|x)}{c:text}", "nothing says where {a:word} ends"),
        ("{a:rest} more", "must stand last"),
        ("{a:one}", "alternatives are written one"),
        ("{a:int(1|2)}", "alternatives are written one"),
        ("{items:int}", "cannot be called 'items'"),
    ],
)
def test_a_wrong_template_says_what_is_wrong(template: str, sentence: str) -> None:
    with pytest.raises(TemplateError, match=sentence.replace("{", r"\{").replace("}", r"\}")):
        compile_template(template)


def test_literal_words_that_touch_a_value_are_not_looked_up() -> None:
    template = compile_template("{lock:name}_lock in func#{n:int} of map'{map:name}'")
    assert template.words == ("func", "map")
    assert template.needle == "_lock in func#"


def test_weight_counts_literal_characters_and_the_shortest_alternative() -> None:
    assert compile_template("ab {x:int} c{y:one(dd|eee)}").weight == 5


@given(st.text(alphabet="ab 1R#'(){}|\\:_", max_size=40))
def test_any_text_compiles_or_is_refused_with_a_sentence(text: str) -> None:
    try:
        compile_template(text)
    except TemplateError as error:
        assert str(error)


# Values with literals between them: an exact value takes all it can of what follows it, and where a value
# may be empty two spaces become one.
_LITERAL = st.sampled_from([" off=", " of ", ", ", "'", "#"])
_VALUE = st.sampled_from(sorted(KINDS - {"any", "one", "rest"})).map(lambda kind: f"{{_:{kind}}}")
_PART = st.tuples(_VALUE | st.just("{_:one(this|that)}"), _LITERAL).map("".join)


@given(st.lists(_PART, min_size=1, max_size=6).map("".join), st.sampled_from(["", "{_:rest}", "{_:any}"]))
def test_every_template_matches_its_own_renderings(text: str, end: str) -> None:
    template = compile_template(text + end)
    lines = [*renderings(text + end)]
    assert lines and all(bind(template, one_spaced(line)) == {} for line in lines)


@pytest.mark.parametrize("unit", ["1", "a in ", " in at : of", "x in y at 1111111111", "((((", "R1"])
def test_hostile_lines_take_linear_time(unit: str) -> None:
    template = compile_template("{a:text} in {b:any} at {c:text}:{d:int} of {e:type}{f:tnum}: {g:word} x")
    started = time.process_time()
    for _ in range(20):
        bind(template, one_spaced(unit * 4000))
    assert (time.process_time() - started) / 20 < 0.01
