"""How a function leaves where a check fails."""

from __future__ import annotations

import pytest

from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import Site
from bpfdoctor.source.csyntax import CFile

HEAD = 'SEC("xdp")\nint f(struct xdp_md *ctx)\n{\n\t__u32 hits = 0, verdict = 2, *p = g(1), *q = g(2);\n\n'
TAIL = "\tuse(p);\n\treturn XDP_PASS;\nout:\n\tfree(q);\n\treturn XDP_ABORTED;\n}\n"


def of_null(checks: str) -> str:
    text = HEAD + checks + TAIL
    c = CFile(text)
    line = text[: text.index("\tuse(p)")].count("\n") + 1
    return way_out.of_null(Site("a.c", line, 2, c, c.functions[0]), line)


@pytest.mark.parametrize(
    ("checks", "leave"),
    [
        ("\tif (!q)\n\t\treturn XDP_DROP;\n", "return XDP_DROP;"),
        ("\tif (!hits)\n\t\treturn XDP_DROP;\n", "return XDP_PASS;"),  # a number, no pointer
        ("\tif (hits > 3)\n\t\tgoto out;\n", "goto out;"),  # what it cleans up is there here, too
        ("\tif (!q)\n\t\treturn XDP_DROP;\n\tif (hits > 3)\n\t\tgoto out;\n", "return XDP_DROP;"),
        ("\tif (hits > 3)\n\t\treturn verdict;\n", "return verdict;"),
        ("again:\n\tif (hits > 3)\n\t\tgoto again;\n", "return XDP_PASS;"),
        ("\tif (hits > 3)\n\t\tgoto out;\n\tif (hits)\n\t\treturn 0;\n", "return XDP_PASS;"),
    ],
)
def test_what_is_null_leaves_as_other_pointers_or_jumps_as_the_check_before(checks: str, leave: str) -> None:
    assert of_null(checks) == leave
