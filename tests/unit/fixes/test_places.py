"""Where a patch puts its lines: several statements on a line, bodies without braces, heads of loops."""

from __future__ import annotations

from bpfdoctor.fixes.engine import edits
from bpfdoctor.fixes.plan import Site
from bpfdoctor.model.edits import apply
from bpfdoctor.source.csyntax import CFile

ONE_LINE = "int f(struct pt_regs *ctx) { u32 k = 1; if (k) count(&k); return 0; }\n"
BODY = "int f(struct pt_regs *ctx)\n{\n\tif (ctx)\n\t\tcount(ctx->di);\n\treturn 0;\n}\n"
CODE = "u32 copy = 0;"


def patched(text: str, line: int, needle: str, replaced: str) -> str:
    """`text` with CODE before the statement that `needle` is in, and `needle` replaced."""
    c = CFile(text)
    function = c.function_at(line)
    assert function is not None
    column = c.line(line).index(needle) + 1
    at = Site("a.c", line, column, c, function)
    plans = (*at.before(line, {}, column), at.replacement(line, column, column + len(needle), replaced))
    return apply(text, edits(plans, lambda plan: CODE, lambda file: text))


def test_a_statement_that_shares_its_line_gets_the_code_on_that_line() -> None:
    assert patched(ONE_LINE, 1, "&k", "&copy") == (
        "int f(struct pt_regs *ctx) { u32 k = 1; if (k) { u32 copy = 0; count(&copy); } return 0; }\n"
    )


def test_a_statement_of_a_block_that_shares_its_line_gets_the_code_before_it() -> None:
    assert patched(ONE_LINE, 1, "return 0", "return copy") == (
        "int f(struct pt_regs *ctx) { u32 k = 1; if (k) count(&k); u32 copy = 0; return copy; }\n"
    )


def test_a_body_without_braces_gets_them() -> None:
    new = patched(BODY, 4, "ctx->di", "copy")
    assert "\tif (ctx) {\n\t\tu32 copy = 0;\n\t\tcount(copy);\n\t}\n" in new


def test_what_stands_in_a_loops_head_or_under_a_condition_is_known_as_such() -> None:
    c = CFile("int f(int *p)\n{\n\twhile (p[0]) p++;\n\tif (p && *p)\n\t\treturn 1;\n\treturn *p;\n}\n")
    heads = [c.statement_around(3, 9), c.statement_around(4, 11), c.statement_around(6, 10)]
    assert [(each.in_head, each.guarded) for each in heads if each] == [
        (True, False),
        (False, True),
        (False, False),
    ]
